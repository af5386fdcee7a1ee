using AsyncPs.Concurrency.Waits;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Pooling;

/// <summary>The errors of pools.</summary>
internal static class PoolErrors
{
    /// <summary>A use of a disposed pool.</summary>
    public static ObjectDisposedException PoolDisposed()
        => new("AsyncPool", "The pool was disposed. Create another one with New-AsyncPool, or dispose it later.");

    /// <summary>The same error as an error record.</summary>
    public static ErrorRecord PoolDisposed(Exception exception, object pool)
        => new(exception, "PoolDisposed", ErrorCategory.ResourceUnavailable, pool);

    /// <summary>A -MinSize above -MaxSize.</summary>
    public static ErrorRecord PoolSizes(int minSize, int maxSize)
        => Create(
            $"-MinSize is {minSize}, but -MaxSize is only {maxSize}. Use a smaller -MinSize or a larger -MaxSize.",
            "PoolMinSizeTooLarge",
            ErrorCategory.InvalidArgument,
            minSize);

    /// <summary>No object was available in time.</summary>
    public static ErrorRecord PoolTimeout(TimeSpan timeout, Pooling.AsyncPool pool)
        => new(
            new TimeoutException(
                $"No object of the pool became available within {Duration(timeout)}: {pool.InUse} of {pool.MaxSize} are in use. "
                    + "Use a longer -Timeout or a larger -MaxSize, or look at the pool's LastError."),
            "PoolTimeout",
            ErrorCategory.OperationTimeout,
            pool);

    /// <summary>A block that did not write exactly one object.</summary>
    public static Exception PoolCreateWroteOther(int count)
        => new InvalidOperationException(
            $"-ScriptBlock of New-AsyncPool must write the one object that it creates; it wrote {count} objects. "
                + "Assign its other output to $null.");

    /// <summary>Creating an object failed.</summary>
    public static ErrorRecord PoolCreateFailed(Exception exception, object pool) => exception switch
    {
        IContainsErrorRecord { ErrorRecord: { } record } => new ErrorRecord(record, record.Exception),
        _ => new ErrorRecord(exception, "PoolCreateFailed", ErrorCategory.ResourceUnavailable, pool),
    };

    /// <summary>All objects are held by the caller that waits for one.</summary>
    public static DeadlockException PoolWaitsForItself(Pooling.AsyncPool pool)
        => new(
            $"The pool cannot lend an object: all {pool.MaxSize} are used by code that waits for this block, or for an object too. "
                + "Pass the object on instead of taking another one, or use a larger -MaxSize.",
            "PoolWaitsForItself",
            pool);
}
