namespace AsyncPs.Caching;

/// <summary>Creates the stores of caches.</summary>
internal interface ICacheStores
{
    /// <summary>Creates an empty store.</summary>
    ICacheStore Create(CacheOptions options);
}
