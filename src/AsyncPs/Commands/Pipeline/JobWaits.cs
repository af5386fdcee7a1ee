using AsyncPs.Concurrency.Waits;
using AsyncPs.Jobs;

namespace AsyncPs.Commands.Pipeline;

/// <summary>Registers waits for jobs, which may in turn wait for the code that waits for them.</summary>
internal sealed class JobWaits : IDisposable
{
    private readonly List<ThrottledJob> _jobs = [];
    private readonly List<WaitGraph.Wait> _waits = [];
    private NotedWait _noted;

    /// <summary>Adds jobs to wait for.</summary>
    public void Add(IEnumerable<Job>? jobs) => _jobs.AddRange((jobs ?? []).OfType<ThrottledJob>());

    /// <summary>Registers that this thread waits for them, until this is disposed.</summary>
    /// <param name="command">The command that waits. A wait for itself ends it.</param>
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

    /// <summary>Ends the waits.</summary>
    public void Dispose()
    {
        _waits.ForEach(static wait => wait.Dispose());
        _noted.Dispose();
        _noted = default;
    }
}
