using AsyncPs.Concurrency.Waits;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Pooling;

/// <summary>The errors of pools.</summary>
internal static class PoolErrors
{
    /// <summary>A pool that is no more.</summary>
    public static ObjectDisposedException PoolDisposed()
        => new("AsyncPool", "The pool was disposed, so it lends no more objects. Make another with New-AsyncPool, or dispose it later.");

    /// <summary>The same as an error record.</summary>
    public static ErrorRecord PoolDisposed(Exception exception, object pool)
        => new(exception, "PoolDisposed", ErrorCategory.ResourceUnavailable, pool);

    /// <summary>A smallest size above the largest.</summary>
    public static ErrorRecord PoolSizes(int minSize, int maxSize)
        => Create(
            $"-MinSize is {minSize}, and -MaxSize only {maxSize}. Give a smaller -MinSize or a larger -MaxSize.",
            "PoolMinSizeTooLarge",
            ErrorCategory.InvalidArgument,
            minSize);

    /// <summary>No object came in time.</summary>
    public static ErrorRecord PoolTimeout(TimeSpan timeout, Pooling.AsyncPool pool)
        => new(
            new TimeoutException(
                $"No object of the pool came within {Duration(timeout)}: {pool.InUse} of {pool.MaxSize} are in use. "
                    + "Give a longer -Timeout or a larger -MaxSize, or look at the pool's LastError."),
            "PoolTimeout",
            ErrorCategory.OperationTimeout,
            pool);

    /// <summary>A block that did not make one object.</summary>
    public static Exception PoolCreateWroteOther(int count)
        => new InvalidOperationException(
            $"-ScriptBlock of New-AsyncPool must write the one object that it makes; it has written {count} objects. "
                + "Assign what else it writes to $null.");

    /// <summary>Why no object could be made.</summary>
    public static ErrorRecord PoolCreateFailed(Exception exception, object pool) => exception switch
    {
        IContainsErrorRecord { ErrorRecord: { } record } => new ErrorRecord(record, record.Exception),
        _ => new ErrorRecord(exception, "PoolCreateFailed", ErrorCategory.ResourceUnavailable, pool),
    };

    /// <summary>An object that whoever asks for it keeps from being free.</summary>
    public static DeadlockException PoolWaitsForItself(Pooling.AsyncPool pool)
        => new(
            $"No object of the pool can come: all {pool.MaxSize} are used by what waits for this, or for objects as this does. "
                + "Pass the object on instead of taking another, or give the pool a larger -MaxSize.",
            "PoolWaitsForItself",
            pool);
}
