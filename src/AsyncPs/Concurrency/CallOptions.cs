using AsyncPs.Concurrency.Measuring;
using AsyncPs.Resilience;
using AsyncPs.Throttling;

namespace AsyncPs.Concurrency;

/// <summary>How a call treats its items: script blocks, requests and everything else that runs.</summary>
/// <param name="Limits">The bounds of the call.</param>
internal sealed record CallOptions(CallLimits Limits)
{
    /// <summary>Whether an item that has written output waits for room, so that it does not run ahead of the reader.</summary>
    public bool HoldsWriters { get; init; }

    /// <summary>The command that opened the call, or null.</summary>
    public CallSource? Source { get; init; }

    /// <summary>The role of the call in metrics and traces.</summary>
    public CallRole Role { get; init; }

    /// <summary>Whether results leave in input order rather than in order of completion.</summary>
    public bool Ordered { get; init; }

    /// <summary>Whether each item gives one <see cref="ConcurrentResult"/> instead of its output and errors.</summary>
    public bool AsResult { get; init; }

    /// <summary>Whether the first failure cancels the other items and ends the call with one error that carries all failures.</summary>
    public bool FailFast { get; init; }

    /// <summary>Whether tasks and asynchronous streams that a block writes are awaited.</summary>
    public bool Awaits { get; init; } = true;

    /// <summary>How long the call may take, or null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long an item may take from its start, retries included, or null.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>The policy that retries failed items, or null.</summary>
    public IRetryPolicy? Retry { get; init; }

    /// <summary>The limiter that grants each attempt a permit, or null. It may be shared with other calls.</summary>
    public Throttle? Throttle { get; init; }

    /// <summary>The limiter of the items of a detached call, or null.</summary>
    public Throttle? OwnThrottle { get; init; }

    /// <summary>
    /// Whether each item has its own <see cref="IItemSink"/>, can be canceled alone, and waits for its permits outside the queue. Such a
    /// call has no pipeline thread.
    /// </summary>
    public bool Detached { get; init; }

    /// <summary>How long a stopped block may run its finally blocks, or wait uninterruptibly, before its thread is interrupted.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Which failures are tried again.</summary>
    public RetryFilter RetryFilter { get; init; } = RetryFilter.Any;

    /// <summary>Runs the block of <see cref="RetryFilter"/> where no worker runs the items; null without a block.</summary>
    public IItemBlock? RetryBlock { get; init; }

    /// <summary>Runs before each delay of an item that is retried, or null.</summary>
    public IItemBlock? OnRetry { get; init; }

    /// <summary>The circuit breaker that each attempt goes through, or null. It may be shared with other calls.</summary>
    public CircuitBreaker? CircuitBreaker { get; init; }

    /// <summary>Whether each retry is reported in the verbose stream.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Whether an attempt resumes where the previous one failed, so that earlier output counts and need not be kept.</summary>
    public bool ResumesAttempts { get; init; }

    /// <summary>Whether blocks read their item's context.</summary>
    public bool HasContext { get; init; }

    /// <summary>Whether an item whose worker was lost runs again.</summary>
    public bool RetriesLost { get; init; }

    /// <summary>Receives the measurements, or null.</summary>
    public ConcurrentStatistics? Statistics { get; init; }

    /// <summary>Whether an item needs an <see cref="ItemState"/> from its start.</summary>
    public bool NeedsState => AsResult || FailFast || ItemTimeout is not null || Retry is not null || Throttle is not null
        || CircuitBreaker is not null || HasContext || Detached || RetriesLost || Statistics is not null;

    /// <summary>Whether the output of an item is kept until it has ended.</summary>
    public bool KeepsOutput => AsResult || RetriesLost || (Retry is not null && !ResumesAttempts);

    /// <summary>Whether the errors of an item are kept until it has ended.</summary>
    public bool KeepsErrors => AsResult || FailFast || Retry is not null || CircuitBreaker is not null || RetriesLost;
}
