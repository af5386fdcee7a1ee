using AsyncPs.Caching;
using AsyncPs.Resilience;

namespace AsyncPs.Isolation;

/// <summary>What the module has third-party packages do. The assembly that implements it is loaded apart, with its packages.</summary>
internal interface IDependencies
{
    /// <summary>Makes a store of cached values, empty.</summary>
    ICacheStore CreateCacheStore(CacheOptions options);

    /// <summary>Makes a retry policy.</summary>
    IRetryPolicy CreateRetryPolicy(RetryOptions options);

    /// <summary>Makes a policy of second attempts.</summary>
    IHedgePolicy CreateHedgePolicy(HedgeOptions options);

    /// <summary>Makes a circuit breaker, closed.</summary>
    /// <param name="options">When it opens.</param>
    /// <param name="onOpening">Called each time it is about to open.</param>
    ICircuit CreateCircuit(CircuitOptions options, Action onOpening);
}
