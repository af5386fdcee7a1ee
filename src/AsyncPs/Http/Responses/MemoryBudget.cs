namespace AsyncPs.Http.Responses;

/// <summary>
/// How many bytes all requests of a call may hold in memory at once. What every request may hold in any case is not counted.
/// </summary>
/// <param name="limit">How many bytes.</param>
internal sealed class MemoryBudget(long limit)
{
    /// <summary>Default: 1 GB.</summary>
    public const long DefaultLimit = 1024L * 1024 * 1024;

    private long _taken;

    /// <summary>How many bytes.</summary>
    public long Limit => limit;

    /// <summary>Takes some bytes if they are left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= limit)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
