namespace AsyncPs.Caching;

/// <content>The counters of a cache.</content>
public sealed partial class AsyncCache
{
    private long _hits;
    private long _misses;
    private long _computed;
    private long _failures;

    /// <summary>How many values there are, without expired ones.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _disposed ? 0 : _store.Count;
            }
        }
    }

    /// <summary>The keys of the values.</summary>
    public IReadOnlyList<object> Keys
    {
        get
        {
            lock (_lock)
            {
                return _disposed ? [] : [.. _store.Keys.Select(CacheKey.ToUser)];
            }
        }
    }

    /// <summary>How many reads found a value.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>How many reads found none, so that it was computed or waited for.</summary>
    public long Misses => Volatile.Read(ref _misses);

    /// <summary>The share of reads that found a value; null before the first read.</summary>
    public double? HitRatio => Hits + Misses is var reads and > 0 ? (double)Hits / reads : null;

    /// <summary>How many computations have succeeded.</summary>
    public long Computed => Volatile.Read(ref _computed);

    /// <summary>How many computations have failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>How many computations are running.</summary>
    public int Computing
    {
        get
        {
            lock (_lock)
            {
                return _flights.Count;
            }
        }
    }

    /// <summary>How many readers wait for a computation.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _flights.Values.Sum(static flight => flight.Readers);
            }
        }
    }

    /// <summary>The last error of a computation; null if there was none.</summary>
    public ErrorRecord? LastError { get; private set; }
}
