using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>One wait for several pieces of work: until they have ended, one of them has failed, or the time is up.</summary>
internal sealed class WaitSession : IDisposable
{
    private readonly IReadOnlyList<WaitedWork> _works;
    private readonly CancellationTokenRegistration _stop;
    private readonly CancellationTokenSource _late = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts to wait.</summary>
    /// <param name="works">The work.</param>
    /// <param name="timeout">The time-out; zero does not wait.</param>
    /// <param name="endsAtFailure">Whether the first failure ends it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public WaitSession(IReadOnlyList<WaitedWork> works, TimeSpan timeout, bool endsAtFailure, CancellationToken cancellationToken)
    {
        _works = works;
        _stop = cancellationToken.UnsafeRegister(static session => ((WaitSession)session!).End(), this);
        if (endsAtFailure)
        {
            foreach (WaitedWork work in works)
            {
                EndAtFailureOf(work);
            }
        }

        if (timeout == TimeSpan.Zero)
        {
            IsLate = true;
            _over.TrySetResult();
        }
        else if (timeout != Timeout.InfiniteTimeSpan)
        {
            _late.Token.UnsafeRegister(static session => ((WaitSession)session!).TimeIsOver(), this);
            _late.CancelAfter(timeout);
        }
    }

    /// <summary>Whether the time is up.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Whether the wait has ended.</summary>
    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>Ends the wait.</summary>
    public void End() => _over.TrySetResult();

    /// <summary>Waits until a piece of work has ended, or the wait is over.</summary>
    public Task<Task> UntilEndedAsync(WaitedWork work) => Task.WhenAny(work.Ended, _over.Task);

    /// <summary>Waits until the first piece of work has ended, or the wait is over.</summary>
    /// <returns>The first, or null.</returns>
    public async Task<WaitedWork?> UntilAnyAsync()
    {
        if (IsOver)
        {
            return null;
        }

        var ended = new Dictionary<Task, WaitedWork>(_works.Count);
        foreach (WaitedWork work in _works)
        {
            ended.TryAdd(work.Ended, work);
        }

        Task first = await Task.WhenAny([.. ended.Keys, _over.Task]).ConfigureAwait(false);
        return ended.TryGetValue(first, out WaitedWork? winner) ? winner : _works.FirstOrDefault(static w => w.IsCompleted);
    }

    /// <summary>Cancels work, and waits until everything that can be canceled has ended.</summary>
    public static Task CancelAsync(IEnumerable<WaitedWork> works)
    {
        List<Task> ends = [];
        foreach (WaitedWork work in works)
        {
            work.Cancel();
            if (work.IsCanceled)
            {
                ends.Add(work.Ended);
            }
        }

        return ends.Count == 0 ? Task.CompletedTask : Task.WhenAny(Task.WhenAll(ends), Task.Delay(StopTimes.Grace));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Unregister();
        _late.Dispose();
    }

    private void TimeIsOver()
    {
        IsLate = true;
        _over.TrySetResult();
    }

    // The watch ends with the work, or when the wait is over: then the work has not ended, and there is nothing to check.
    private void EndAtFailureOf(WaitedWork work) => work.Ended.ContinueWith(
        _ =>
        {
            if (work.IsCompleted && work.Status != ConcurrentStatus.Succeeded)
            {
                _over.TrySetResult();
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
