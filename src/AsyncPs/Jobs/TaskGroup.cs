using AsyncPs.Concurrency;

namespace AsyncPs.Jobs;

/// <summary>
/// The jobs that are started while a block runs, by it and by each other (asyncio's <c>TaskGroup</c>): the first that fails ends the others,
/// and none outlives the group.
/// </summary>
/// <param name="goesOn">Whether a failure leaves the others alone.</param>
internal sealed class TaskGroup(bool goesOn) : AmbientScope, IDisposable
{
    // What does not end is abandoned by then.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _cancel = new();
    private readonly List<ThrottledJob> _jobs = [];
    private readonly List<ErrorRecord> _failures = [];
    private readonly List<string> _lost = [];
    private bool _canceled;

    /// <summary>Canceled when everything in the group is to end.</summary>
    public CancellationToken Canceling => _cancel.Token;

    /// <summary>The errors that have ended jobs, in the order in which it happened.</summary>
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
    /// What is to be said of errors that jobs have written and nobody has taken, because the group was ended. After its end.
    /// </summary>
    public IReadOnlyList<string> Lost => _lost;

    /// <summary>A job by its place in the order in which they were started, or null if there are not so many.</summary>
    public ThrottledJob? JobAt(int index)
    {
        lock (_jobs)
        {
            return index < _jobs.Count ? _jobs[index] : null;
        }
    }

    /// <summary>A job is about to start.</summary>
    /// <returns>False when the group is ending: the job is to end at once.</returns>
    public bool Add(ThrottledJob job)
    {
        lock (_jobs)
        {
            _jobs.Add(job);
            return !_canceled;
        }
    }

    /// <summary>A job has ended.</summary>
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
            Cancel();
        }
    }

    /// <summary>Ends everything in the group. Any thread; returns at once.</summary>
    public void Cancel()
    {
        ThrottledJob[] jobs;
        lock (_jobs)
        {
            if (_canceled)
            {
                return;
            }

            _canceled = true;

            // Not here: what waits for the token would go on on this thread.
            _ = _cancel.CancelAsync();
            jobs = [.. _jobs];
        }

        foreach (ThrottledJob job in jobs)
        {
            job.RequestStop();
        }
    }

    /// <summary>Ends what has not ended, and waits for it; an interrupt of the thread is meant for what went before.</summary>
    public void Dispose()
    {
        Cancel();
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
                // Waits on.
            }
        }
    }
}
