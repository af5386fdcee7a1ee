using System.Management.Automation.Remoting.Internal;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// Guards `Receive-Job -Wait` against jobs that end while it takes in others. Two things go wrong there without a guard:
/// <list type="bullet">
/// <item>It keeps the jobs it waits for in a list. It locks the list where it handles the end of a job, but not where it adds a job. An
/// end that comes just then breaks the list, and the command waits for ever. So its lock is held while it registers the jobs of one
/// input object.</item>
/// <item>It writes the failure of a job when it finds the job failed, and again when the end of that job is announced. A job that fails
/// between the registration and the look does both. So the second error is emptied before it is queued.</item>
/// </list>
/// </summary>
internal sealed class ReceivedInput
{
    /// <summary>Nothing is written for a queued record of this type.</summary>
    private const PSStreamObjectType Nothing = 0;

    private readonly HashSet<Guid> _failed = [];
    private readonly EngineInternals.ReceiveJobInternals _internals;
    private readonly object _lock;
    private readonly List<Guid> _jobs;
    private int _known;
    private Guid? _first;

    public ReceivedInput(ReceiveJobCommand command, EngineInternals.ReceiveJobInternals internals)
    {
        _internals = internals;
        _lock = internals.Lock(command);
        _jobs = internals.Jobs(command);
        internals.Results(command).DataAdding += Adding;
    }

    /// <summary>Takes the lock before the first job of an input object is registered; gives it back when all of them are.</summary>
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

    private void Adding(object? sender, DataAddingEventArgs e)
    {
        if (e.ItemAdded is not PSStreamObject { ObjectType: PSStreamObjectType.Error } added
            || _internals.Value(added) is not ErrorRecord error
            || !error.FullyQualifiedErrorId.StartsWith("JobStateFailed", StringComparison.Ordinal)
            || _internals.Source(added) == Guid.Empty)
        {
            return;
        }

        lock (_failed)
        {
            if (!_failed.Add(_internals.Source(added)))
            {
                added.ObjectType = Nothing;
            }
        }
    }
}
