namespace AsyncPs.Pooling;

/// <summary>An object of a pool in use.</summary>
internal sealed class PoolLease(AsyncPool pool, IDisposable slot, object value)
{
    private int _returned;

    /// <summary>The object.</summary>
    public object Value { get; } = value;

    /// <summary>Returns the object, once however often it is called. It is reset first, and disposed if it is no longer usable.</summary>
    /// <param name="failed">Whether the use has failed, so that the object may be broken.</param>
    public ValueTask ReturnAsync(bool failed)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        return Interlocked.Exchange(ref _returned, 1) == 0 ? pool.ReturnAsync(Value, slot, failed) : default;
    }
}
