using AsyncPs.Caching;
using AsyncPs.Isolation;
using AsyncPs.Resilience;

namespace AsyncPs.Dependencies;

/// <summary>Everything the packages do for the module.</summary>
internal sealed class Implementation : IDependencies
{
    /// <inheritdoc/>
    public ICacheStore CreateCacheStore(CacheOptions options) => new CacheStore(options);

    /// <inheritdoc/>
    public IRetryPolicy CreateRetryPolicy(RetryOptions options) => new RetryPolicy(options);

    /// <inheritdoc/>
    public IHedgePolicy CreateHedgePolicy(HedgeOptions options) => new HedgePolicy(options);

    /// <inheritdoc/>
    public ICircuit CreateCircuit(CircuitOptions options, Action onOpened) => new Circuit(options, onOpened);
}
