namespace AsyncPs.Caching;

/// <summary>
/// Keeps values by key until they expire or there are too many. Reading is safe for any thread; the rest for one at a time.
/// </summary>
internal interface ICacheStore : IDisposable
{
    /// <summary>How many values there are, without expired ones.</summary>
    int Count { get; }

    /// <summary>Their keys.</summary>
    IReadOnlyList<object> Keys { get; }

    /// <summary>Finds a value, which counts as a use.</summary>
    bool TryGet(object key, [NotNullWhen(true)] out CachedValue? value);

    /// <summary>Adds or replaces a value. If there are too many, the least recently used ones are removed.</summary>
    void Set(object key, CachedValue value);

    /// <summary>Removes a value.</summary>
    /// <returns>Whether it was found.</returns>
    bool Remove(object key);

    /// <summary>Removes all values.</summary>
    void Clear();
}
