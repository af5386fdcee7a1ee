using AsyncPs.Caching;

namespace AsyncPs.Dependencies;

/// <summary>Creates caches on Microsoft.Extensions.</summary>
internal sealed class CacheStores : ICacheStores
{
    /// <inheritdoc/>
    public ICacheStore Create(CacheOptions options) => new CacheStore(options);
}
