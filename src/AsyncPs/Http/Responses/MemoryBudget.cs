namespace AsyncPs.Http.Responses;

/// <summary>
/// How many bytes all requests of a call together may hold in memory. The small amount that every request may hold is not counted.
/// </summary>
/// <param name="limit">The number of bytes.</param>
internal sealed class MemoryBudget(long limit)
{
    /// <summary>The default limit: 1 GB.</summary>
    public const long DefaultLimit = 1024L * 1024 * 1024;

    private long _taken;

    /// <summary>The number of bytes.</summary>
    public long Limit => limit;

    /// <summary>Takes bytes, if that many are left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= limit)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Returns bytes.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
