namespace AsyncPs.Caching;

/// <summary>Makes what caches keep their values in.</summary>
internal interface ICacheStores
{
    /// <summary>Makes a store, empty.</summary>
    ICacheStore Create(CacheOptions options);
}
