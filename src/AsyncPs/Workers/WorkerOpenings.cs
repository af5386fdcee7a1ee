namespace AsyncPs.Workers;

/// <summary>
/// How many sessions open at this moment, in the process. Opening is work for a processor: more at once than there are gain nothing.
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

    /// <summary>Gives the place back.</summary>
    public static void Leave() => Interlocked.Decrement(ref _count);
}
