using AsyncPs.Concurrency;

namespace AsyncPs.Jobs;

/// <summary>The jobs of one command: items of one call, which ends with the last of them.</summary>
internal sealed class JobCall
{
    private readonly object _lock = new();
    private readonly HashSet<ThrottledJob> _jobs = [];
    private bool _complete;
    private Exception? _failure;

    /// <summary>Opens the call.</summary>
    /// <param name="options">How the call treats the jobs.</param>
    /// <param name="runner">Creates the runner of the jobs.</param>
    public JobCall(CallOptions options, Func<ConcurrentCall, IWorkRunner> runner)
        => Call = ConcurrentCall.OpenDetached(options, runner, Fail);

    /// <summary>The call.</summary>
    public ConcurrentCall Call { get; }

    /// <summary>Starts a job. One thread at a time.</summary>
    /// <param name="job">The job.</param>
    /// <param name="input">Its input object.</param>
    /// <param name="work">What the runner makes of it, or null.</param>
    public void Start(ThrottledJob job, object? input, object? work)
    {
        job.Join(this);
        Exception? failure;
        lock (_lock)
        {
            _jobs.Add(job);
            failure = _failure;
        }

        // The call has failed, for its other jobs and for this one.
        if (failure is not null)
        {
            job.Fail(failure);
            return;
        }

        job.Begin(() => Call.Start(input, work, job));
    }

    /// <summary>Notes that no more jobs will be started.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _complete = true;
        }

        EndIfOver();
    }

    /// <summary>Removes a job that has ended.</summary>
    public void Leave(ThrottledJob job)
    {
        lock (_lock)
        {
            _jobs.Remove(job);
        }

        EndIfOver();
    }

    private void EndIfOver()
    {
        lock (_lock)
        {
            if (!_complete || _jobs.Count > 0)
            {
                return;
            }
        }

        // At once, so that workers do not look for more items.
        Call.Queue.Complete();

        // On another thread, because this one may belong to a worker that ends with the call.
        _ = Task.Run(Call.Dispose);
    }

    private void Fail(Exception failure)
    {
        ThrottledJob[] jobs;
        lock (_lock)
        {
            _failure ??= failure;
            jobs = [.. _jobs];
        }

        foreach (ThrottledJob job in jobs)
        {
            job.Fail(failure);
        }
    }
}
