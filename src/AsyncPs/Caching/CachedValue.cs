namespace AsyncPs.Caching;

/// <summary>The output of a computation, and how long it is fresh.</summary>
/// <param name="Output">The objects.</param>
/// <param name="FreshUntil">From this timestamp of the clock on it is stale, and the next read has it computed anew.</param>
internal sealed record CachedValue(object?[] Output, long FreshUntil);
