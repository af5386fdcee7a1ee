namespace AsyncPs.Caching;

/// <summary>How long a cache keeps values, and how many.</summary>
internal sealed record CacheOptions
{
    /// <summary>The default of <see cref="MaxCount"/>.</summary>
    public const int DefaultMaxCount = 10_000;

    /// <summary>How long a value is fresh, or null for no limit.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>How long a value is kept without being read, or null for no limit.</summary>
    public TimeSpan? SlidingExpiration { get; init; }

    /// <summary>The largest number of values, from 1.</summary>
    public int MaxCount { get; init; } = DefaultMaxCount;

    /// <summary>How long a stale value is still returned while a new one is computed. Default: not at all.</summary>
    public TimeSpan StaleWhileRevalidate { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
