using AsyncPs.Concurrency;

namespace AsyncPs.Jobs;

/// <summary>
/// The jobs that are started while a block runs, by the block and by each other (asyncio's <c>TaskGroup</c>). The first failure ends the
/// others, and no job outlives the group.
/// </summary>
/// <param name="goesOn">Whether the others continue after a failure.</param>
internal sealed class TaskGroup(bool goesOn) : AmbientScope, IDisposable
{
    // What has not ended by then is abandoned.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _cancel = new();
    private readonly List<ThrottledJob> _jobs = [];
    private readonly List<ErrorRecord> _failures = [];
    private readonly List<string> _lost = [];
    private bool _canceled;
    private bool _failed;

    /// <summary>Canceled when everything in the group must end.</summary>
    public CancellationToken Canceling => _cancel.Token;

    /// <summary>The errors that ended jobs, in order of occurrence.</summary>
    public IReadOnlyList<ErrorRecord> Failures
    {
        get
        {
            lock (_jobs)
            {
                return [.. _failures];
            }
        }
    }

    /// <summary>
    /// Messages about errors of jobs that were not received because the group was ended. After its end.
    /// </summary>
    public IReadOnlyList<string> Lost => _lost;

    /// <summary>A job by its position in the order of their starts, or null if there are fewer.</summary>
    public ThrottledJob? JobAt(int index)
    {
        lock (_jobs)
        {
            return index < _jobs.Count ? _jobs[index] : null;
        }
    }

    /// <summary>Adds a job that is about to start.</summary>
    /// <returns>False when the group is ending: the job must end at once.</returns>
    public bool Add(ThrottledJob job)
    {
        lock (_jobs)
        {
            _jobs.Add(job);
            return !_canceled;
        }
    }

    /// <summary>Notes that a job has ended.</summary>
    public void Ended(ThrottledJob job)
    {
        if (job.EndedBy is not { } failure)
        {
            return;
        }

        lock (_jobs)
        {
            _failures.Add(failure);
        }

        if (!goesOn)
        {
            Fail();
        }
    }

    /// <summary>Ends everything in the group because of a failure. Any thread; returns at once.</summary>
    public void Fail()
    {
        lock (_jobs)
        {
            _failed |= !_canceled;
        }

        Stop();
    }

    /// <summary>Adds the error of a job that has failed while it was being stopped because of another failure.</summary>
    /// <returns>False if the group was not ended by a failure.</returns>
    public bool TryAddFailure(ErrorRecord failure)
    {
        lock (_jobs)
        {
            if (!_failed)
            {
                return false;
            }

            _failures.Add(failure);
            return true;
        }
    }

    /// <summary>Stops everything in the group. Any thread; returns at once.</summary>
    public void Stop()
    {
        ThrottledJob[] jobs;
        lock (_jobs)
        {
            if (_canceled)
            {
                return;
            }

            _canceled = true;

            // CancelAsync, because waiters for the token would otherwise continue on this thread.
            _ = _cancel.CancelAsync();
            jobs = [.. _jobs];
        }

        foreach (ThrottledJob job in jobs)
        {
            job.RequestStop();
        }
    }

    /// <summary>Ends what still runs and waits for it. An interrupt of the thread is meant for earlier code.</summary>
    public void Dispose()
    {
        Stop();
        for (int i = 0; JobAt(i) is { } job; i++)
        {
            WaitFor(job.End);
            if (job.EndedBy is null && job.UnreceivedError is { } error)
            {
                _lost.Add(JobErrors.JobFailureLost(job, error));
            }

            job.SetReceived();
            job.Forget();
        }

        _cancel.Dispose();
    }

    private static void WaitFor(Task end)
    {
        while (!end.IsCompleted)
        {
            try
            {
                if (!end.Wait(WaitLimit))
                {
                    return;
                }
            }
            catch (ThreadInterruptedException)
            {
                // It continues to wait.
            }
        }
    }
}
