namespace AsyncPs.Pooling;

/// <summary>An object of a pool that somebody uses.</summary>
internal sealed class PoolLease(AsyncPool pool, IDisposable slot, object value)
{
    private int _returned;

    /// <summary>The object.</summary>
    public object Value { get; } = value;

    /// <summary>Gives the object back, once however often it is called; it is reset first, and disposed if it is of no more use.</summary>
    /// <param name="failed">Whether what was done with it has failed, so that it may be broken.</param>
    public ValueTask ReturnAsync(bool failed)
        => Interlocked.Exchange(ref _returned, 1) == 0 ? pool.ReturnAsync(Value, slot, failed) : default;
}
