using System.Diagnostics.CodeAnalysis;
using AsyncPs.Caching;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace AsyncPs.Dependencies;

/// <summary>Cached values in a MemoryCache of Microsoft.Extensions.</summary>
internal sealed class CacheStore : ICacheStore
{
    // Removing values means looking at all of them, so a twentieth is removed at a time.
    private const int PartsToMakeRoom = 20;

    private readonly MemoryCache _cache;
    private readonly CacheOptions _options;
    private readonly Clock _clock;
    private readonly TimeSpan? _lifetime;

    /// <summary>Creates an empty store.</summary>
    public CacheStore(CacheOptions options)
    {
        _options = options;
        _clock = new Clock(options.TimeProvider);
        _cache = new MemoryCache(new MemoryCacheOptions { Clock = _clock });
        _lifetime = options.TimeToLive is { } fresh ? fresh + options.StaleWhileRevalidate : null;
    }

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            RemoveExpired();
            return _cache.Count;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<object> Keys
    {
        get
        {
            RemoveExpired();
            return [.. _cache.Keys];
        }
    }

    /// <inheritdoc/>
    public bool TryGet(object key, [NotNullWhen(true)] out CachedValue? value)
    {
        if (_cache.TryGetValue(key, out object? found))
        {
            value = (CachedValue)found!;
            return true;
        }

        value = null;
        return false;
    }

    /// <inheritdoc/>
    public void Set(object key, CachedValue value)
    {
        if (_cache.Count >= _options.MaxCount && !_cache.TryGetValue(key, out _))
        {
            // Half an entry more, so that rounding does not remove one too few.
            _cache.Compact((Math.Max(1, _options.MaxCount / PartsToMakeRoom) + 0.5) / _cache.Count);
        }

        using ICacheEntry entry = _cache.CreateEntry(key);
        entry.Value = value;
        entry.AbsoluteExpirationRelativeToNow = _lifetime;
        entry.SlidingExpiration = _options.SlidingExpiration;
    }

    /// <inheritdoc/>
    public bool Remove(object key)
    {
        bool found = _cache.TryGetValue(key, out _);
        _cache.Remove(key);
        return found;
    }

    /// <inheritdoc/>
    public void Clear() => _cache.Clear();

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private void RemoveExpired() => _cache.Compact(0);

    /// <summary>The clock in the form of the library.</summary>
    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
