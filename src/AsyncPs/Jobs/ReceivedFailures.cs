using System.Management.Automation.Remoting.Internal;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// The errors that have ended jobs, as Receive-Job writes them. Two things go wrong there without it:
/// <list type="bullet">
/// <item>Of a failed job the command knows only the exception, and makes an error of its own of it, without id, position and stack. In its
/// place it is given the job's.</item>
/// <item>With `-Wait` it writes the failure of a job when it finds the job failed, and again when the end of that job is announced. A job
/// that fails between the registration and the look does both. So the second error is emptied before it is queued.</item>
/// </list>
/// </summary>
internal sealed class ReceivedFailures
{
    /// <summary>Nothing is written for a queued record of this type.</summary>
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

    // With -Wait also on the thread that ends a job. What a job has written itself comes without the job.
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
