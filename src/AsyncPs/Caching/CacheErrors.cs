using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Caching;

/// <summary>The errors of caches.</summary>
internal static class CacheErrors
{
    /// <summary>A use of a disposed cache.</summary>
    public static ObjectDisposedException CacheDisposed()
        => new(
            "AsyncCache",
            "The cache was disposed. Create another one with New-AsyncCache, or dispose it later.");

    /// <summary>The same error as an error record.</summary>
    public static ErrorRecord CacheDisposed(ObjectDisposedException exception, object cache)
        => new(exception, "CacheDisposed", ErrorCategory.ResourceUnavailable, cache);

    /// <summary>A computation that needs its own result.</summary>
    public static DeadlockException CacheWaitsForItself(object key)
        => new(
            $"The value of '{key}' cannot be computed: its block reads it from the cache, directly or through other keys, calls or jobs, "
                + "and would wait for itself. Compute the value without reading it from the cache.",
            "CacheWaitsForItself",
            key);

    /// <summary>The error of a computation, as it was thrown there.</summary>
    public static ErrorRecord CacheComputationFailed(Exception exception, object key) => exception switch
    {
        ConcurrentArgumentException { Record: var own } => own,
        IContainsErrorRecord { ErrorRecord: { } record } => new ErrorRecord(record, record.Exception),
        OperationCanceledException => new ErrorRecord(exception, "CacheComputationStopped", ErrorCategory.OperationStopped, key),
        _ => new ErrorRecord(exception, "CacheComputationFailed", ErrorCategory.NotSpecified, key),
    };
}
