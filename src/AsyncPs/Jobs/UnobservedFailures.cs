namespace AsyncPs.Jobs;

/// <summary>Tells of the failures that nobody has received, once each, when it is the last occasion.</summary>
internal static class UnobservedFailures
{
    /// <summary>Warns if a job has failed and nobody has taken note. On the pipeline thread of whoever removes it.</summary>
    public static void Report(ThrottledJob job)
    {
        if (job.UnreceivedError is not { } error || EngineInternals.RunningCommand?.Invoke() is not { } command)
        {
            return;
        }

        job.SetReceived();
        command.WriteWarning(JobErrors.JobFailureLost(job, error));
    }
}
