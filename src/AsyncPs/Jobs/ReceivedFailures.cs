using System.Management.Automation.Remoting.Internal;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// The errors that have ended jobs, as Receive-Job writes them. Two things go wrong there without this class:
/// <list type="bullet">
/// <item>The command knows only the exception of a failed job, and creates its own error from it, without id, position and stack. It gets
/// the job's error instead.</item>
/// <item>With `-Wait` it writes the failure of a job when it finds the job failed, and again when the end of the job is announced. A job
/// that fails between the registration and the check causes both. So the second error is emptied before it is queued.</item>
/// </list>
/// </summary>
internal sealed class ReceivedFailures
{
    /// <summary>A record type for which nothing is written.</summary>
    private const PSStreamObjectType Nothing = 0;

    private readonly Dictionary<Guid, ThrottledJob> _jobs = [];
    private readonly HashSet<Guid> _written = [];
    private readonly EngineInternals.ReceiveJobInternals _internals;

    public ReceivedFailures(ReceiveJobCommand command, EngineInternals.ReceiveJobInternals internals)
    {
        _internals = internals;
        internals.Results(command).DataAdding += Adding;
    }

    /// <summary>Adds a job that the command is about to receive.</summary>
    public void Add(ThrottledJob job)
    {
        lock (_jobs)
        {
            _jobs[job.InstanceId] = job;
        }
    }

    // With -Wait this also runs on the thread that ends a job. Records that a job has written come without the job.
    private void Adding(object? sender, DataAddingEventArgs e)
    {
        if (e.ItemAdded is not PSStreamObject { ObjectType: PSStreamObjectType.Error } added)
        {
            return;
        }

        lock (_jobs)
        {
            if (!_jobs.TryGetValue(_internals.Source(added), out ThrottledJob? job))
            {
                return;
            }

            if (!_written.Add(job.InstanceId))
            {
                added.ObjectType = Nothing;
            }
            else if (job.Failure is { } failure)
            {
                _internals.SetValue(added, failure);
            }
        }
    }
}
