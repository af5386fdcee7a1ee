using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Waits for jobs that may wait for the code that waits.</summary>
internal sealed class JobWaits : IDisposable
{
    private readonly List<ThrottledJob> _jobs = [];
    private readonly List<WaitGraph.Wait> _waits = [];
    private NotedWait _noted;

    /// <summary>Adds jobs that are going to be waited for.</summary>
    public void Add(IEnumerable<Job>? jobs) => _jobs.AddRange((jobs ?? []).OfType<ThrottledJob>());

    /// <summary>Notes that they are waited for on this thread, until this is disposed.</summary>
    /// <param name="command">The command that waits: a wait for itself ends it.</param>
    public void Begin(Cmdlet command)
    {
        try
        {
            _noted = new NotedWait(Strand.Current, WaitNote.Begin(WaitKind.Job, _jobs.ToArray()));
            foreach (ThrottledJob job in _jobs.Where(static job => !job.End.IsCompleted))
            {
                _waits.Add(WaitGraph.ForEnd(Strand.Current, job, () => JobErrors.JobWaitsForItself(job)));
            }
        }
        catch (DeadlockException e)
        {
            Dispose();
            command.ThrowTerminatingError(e.ErrorRecord);
        }
    }

    /// <summary>They are waited for no longer.</summary>
    public void Dispose()
    {
        _waits.ForEach(static wait => wait.Dispose());
        _noted.Dispose();
        _noted = default;
    }
}
