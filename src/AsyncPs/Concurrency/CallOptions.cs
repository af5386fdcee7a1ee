using AsyncPs.Resilience;
using AsyncPs.Throttling;

namespace AsyncPs.Concurrency;

/// <summary>How a call treats its items. The same for script blocks, requests and everything else that runs.</summary>
/// <param name="Limits">How much may be under way.</param>
internal sealed record CallOptions(CallLimits Limits)
{
    /// <summary>
    /// Whether an item that has written output waits until there is room for more, so that it is never further ahead of the reader than
    /// that.
    /// </summary>
    public bool HoldsWriters { get; init; }

    /// <summary>What has opened the call, or null if no command has.</summary>
    public CallSource? Source { get; init; }

    /// <summary>Whether results leave in input order rather than as they come.</summary>
    public bool Ordered { get; init; }

    /// <summary>Whether an item gives one <see cref="ConcurrentResult"/> instead of its output and its errors.</summary>
    public bool AsResult { get; init; }

    /// <summary>Whether the first failure cancels the other items and ends the call with one error that carries all failures.</summary>
    public bool FailFast { get; init; }

    /// <summary>Whether tasks and asynchronous streams that a block writes are awaited.</summary>
    public bool Awaits { get; init; } = true;

    /// <summary>How long the call may take, or null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long an item may take from its start, its retries included, or null.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>Tries again what has failed, or null.</summary>
    public IRetryPolicy? Retry { get; init; }

    /// <summary>The limiter that grants each attempt a permit, or null. It may be shared with other calls.</summary>
    public Throttle? Throttle { get; init; }

    /// <summary>The limiter of the items of a detached call, or null.</summary>
    public Throttle? OwnThrottle { get; init; }

    /// <summary>
    /// Whether each item has an <see cref="IItemSink"/> of its own, can be canceled alone, and waits for its permits outside the queue.
    /// Such a call has no pipeline thread.
    /// </summary>
    public bool Detached { get; init; }

    /// <summary>How long what is stopped may wait in finally blocks, and wherever only an interrupt ends it, before it is interrupted.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Which failures are tried again.</summary>
    public RetryFilter RetryFilter { get; init; } = RetryFilter.Any;

    /// <summary>Asks the block of <see cref="RetryFilter"/> where no worker runs the items; null if it has none.</summary>
    public IItemBlock? RetryBlock { get; init; }

    /// <summary>Told before each delay of an item that is tried again, or null.</summary>
    public IItemBlock? OnRetry { get; init; }

    /// <summary>The circuit breaker that each attempt goes through, or null. It may be shared with other calls.</summary>
    public CircuitBreaker? CircuitBreaker { get; init; }

    /// <summary>Whether the caller wants to hear of each retry, in the verbose stream.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Whether an attempt goes on where the last one failed, so that what that one has written counts and need not be kept.</summary>
    public bool ResumesAttempts { get; init; }

    /// <summary>Whether blocks look at their item's context.</summary>
    public bool HasContext { get; init; }

    /// <summary>Whether an item runs again whose worker was lost.</summary>
    public bool RetriesLost { get; init; }

    /// <summary>Whether an item needs an <see cref="ItemState"/> from its start.</summary>
    public bool NeedsState => AsResult || FailFast || ItemTimeout is not null || Retry is not null || Throttle is not null
        || CircuitBreaker is not null || HasContext || Detached || RetriesLost;

    /// <summary>Whether the output of an item is kept until it has ended.</summary>
    public bool KeepsOutput => AsResult || RetriesLost || (Retry is not null && !ResumesAttempts);

    /// <summary>Whether the errors of an item are kept until it has ended.</summary>
    public bool KeepsErrors => AsResult || FailFast || Retry is not null || CircuitBreaker is not null || RetriesLost;
}
