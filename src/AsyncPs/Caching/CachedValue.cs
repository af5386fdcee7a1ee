namespace AsyncPs.Caching;

/// <summary>What a computation has written, and until when it is fresh.</summary>
/// <param name="Output">The objects.</param>
/// <param name="FreshUntil">From this timestamp of the clock on it is stale, and whoever reads it has it computed anew.</param>
internal sealed record CachedValue(object?[] Output, long FreshUntil);
