using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// Guards `Receive-Job -Wait` against jobs that end while it processes others. The command keeps the jobs it waits for in a list. It locks
/// the list when it handles the end of a job, but not when it adds a job. An end that comes at that moment breaks the list, and the
/// command waits forever. So this class holds the command's lock while the jobs of one input object are registered.
/// </summary>
internal sealed class ReceivedInput
{
    private readonly object _lock;
    private readonly List<Guid> _jobs;
    private int _known;
    private Guid? _first;

    public ReceivedInput(ReceiveJobCommand command, EngineInternals.ReceiveJobInternals internals)
    {
        _lock = internals.Lock(command);
        _jobs = internals.Jobs(command);
    }

    /// <summary>Takes the lock before the first job of an input object is registered, and releases it after the last.</summary>
    /// <param name="job">The job that was asked for its children.</param>
    public void Asked(Guid job)
    {
        if (_first is not null)
        {
            if (job == _first)
            {
                _first = null;
                Monitor.Exit(_lock);
            }

            return;
        }

        // The list grows by the jobs of an input object before the first of them is asked.
        int start = _known;
        _known = _jobs.Count;
        int index = start < _known ? _jobs.IndexOf(job, start) : -1;
        if (index >= 0 && _jobs.LastIndexOf(job) == index)
        {
            Monitor.Enter(_lock);
            _first = job;
        }
    }
}
