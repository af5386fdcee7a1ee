using System.Collections;

namespace AsyncPs.Caching;

/// <summary>
/// A key in the form that the store compares: without PowerShell's wrapper, and with arrays compared by elements, so that <c>$user,
/// $region</c> finds what was stored under equal elements.
/// </summary>
internal sealed class CacheKey : IEquatable<CacheKey>
{
    private readonly object?[] _parts;
    private readonly int _hash;

    private CacheKey(object?[] parts)
    {
        _parts = parts;
        _hash = ((IStructuralEquatable)parts).GetHashCode(EqualityComparer<object?>.Default);
    }

    /// <summary>The object by which a key is compared.</summary>
    public static object Of(object key)
    {
        object plain = PSObjectExtensions.Unwrap(key);
        return plain is Array parts
            ? new CacheKey([.. parts.Cast<object?>().Select(static part => part is null ? null : Of(part))])
            : plain;
    }

    /// <summary>The key as the user gave it.</summary>
    public static object ToUser(object key)
        => key is CacheKey several ? Array.ConvertAll(several._parts, static part => part is null ? null : ToUser(part)) : key;

    /// <inheritdoc/>
    public bool Equals(CacheKey? other) => other is not null && _hash == other._hash && _parts.AsSpan().SequenceEqual(other._parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CacheKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}
