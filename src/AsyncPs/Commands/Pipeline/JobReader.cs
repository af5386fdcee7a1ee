using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Receives the results of PowerShell jobs of any kind, as Receive-Job does.</summary>
internal static class JobReader
{
    private const string Script = "Receive-Job -Job $args[0]";

    /// <summary>Receives the output that a job has written so far.</summary>
    /// <param name="job">The job.</param>
    /// <param name="write">Receives each record.</param>
    public static void Receive(Job job, Action<StreamRecord> write)
    {
        ScriptBlock receive = ScriptBlock.Create(Script);
        NestedPipeline.Run(
            inner => CallerBlock.Invoke(inner, receive, CallerBlock.Unset, job),
            merged => write(StreamRecord.FromMerged(merged)));
    }
}
