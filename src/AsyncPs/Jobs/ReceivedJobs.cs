using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using Microsoft.PowerShell.Commands;

namespace AsyncPs.Jobs;

/// <summary>
/// The child jobs of a job: none. They are also the way to what `Receive-Job -Wait` forgets. It notes the jobs that are piped in in a list, which is
/// guarded by a lock where ends of jobs are handled, but not where jobs are added: ends that come just then break the list, and it waits for ever.
/// It asks each job for its children right before it adds the job, and again right after it has added those of one input object. So the lock is taken
/// at the first and given back at the second; between the two no code runs but the cmdlet's own.
/// </summary>
internal sealed class ReceivedJobs() : Collection<Job>(Array.Empty<Job>()), IEnumerable<Job>
{
    private static readonly ConditionalWeakTable<ReceiveJobCommand, Input> Inputs = [];

    /// <inheritdoc/>
    IEnumerator<Job> IEnumerable<Job>.GetEnumerator()
    {
        // One lock serves all jobs of an input object, and the first of them is the first to be asked again.
        if (EngineInternals.LockOfReceiveJob is { } lockOf
            && EngineInternals.RunningCommand?.Invoke() is ReceiveJobCommand { Wait.IsPresent: true, Job: [ThrottledJob first, ..] jobs } command
            && ReferenceEquals(first.ChildJobs, this)
            && Array.LastIndexOf(jobs, first) == 0)
        {
            Inputs.GetOrCreateValue(command).Asked(jobs, lockOf(command));
        }

        return GetEnumerator();
    }

    private sealed class Input
    {
        private Job[]? _jobs;
        private bool _isLocked;

        public void Asked(Job[] jobs, object theLock)
        {
            if (_isLocked)
            {
                _isLocked = false;
                Monitor.Exit(theLock);
            }
            else if (_jobs != jobs)
            {
                _jobs = jobs;
                Monitor.Enter(theLock);
                _isLocked = true;
            }
        }
    }
}
