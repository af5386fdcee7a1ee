namespace AsyncPs.Workers;

/// <summary>
/// Limits how many sessions the process opens at a time. Opening is processor work: more sessions than processors gain nothing.
/// </summary>
internal static class WorkerOpenings
{
    private static int _count;

    /// <summary>Takes a place, if one is free.</summary>
    public static bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= Environment.ProcessorCount)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Frees the place.</summary>
    public static void Leave() => Interlocked.Decrement(ref _count);
}
