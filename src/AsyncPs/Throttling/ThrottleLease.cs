namespace AsyncPs.Throttling;

/// <summary>
/// A permit of a <see cref="Throttle"/>. Disposing it returns the place under the limit, once however often it is disposed.
/// </summary>
public readonly struct ThrottleLease : IDisposable, IEquatable<ThrottleLease>
{
    private readonly IDisposable? _slot;

    internal ThrottleLease(IDisposable? slot) => _slot = slot;

    /// <summary>Returns the permit.</summary>
    public void Dispose() => _slot?.Dispose();

    /// <inheritdoc/>
    public bool Equals(ThrottleLease other) => ReferenceEquals(_slot, other._slot);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ThrottleLease other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _slot?.GetHashCode() ?? 0;

    /// <summary>Whether two are the same permit.</summary>
    public static bool operator ==(ThrottleLease left, ThrottleLease right) => left.Equals(right);

    /// <summary>Whether two are different permits.</summary>
    public static bool operator !=(ThrottleLease left, ThrottleLease right) => !left.Equals(right);
}
