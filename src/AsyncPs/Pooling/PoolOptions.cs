namespace AsyncPs.Pooling;

/// <summary>What a pool keeps, and how its objects are made and looked after.</summary>
/// <param name="Create">Makes an object.</param>
internal sealed record PoolOptions(Func<CancellationToken, Task<object>> Create)
{
    /// <summary>What its places are held of, as an identity: by users, and by what makes an object.</summary>
    public object Places { get; init; } = new();

    /// <summary>How many objects there may be, from 1.</summary>
    public int MaxSize { get; init; } = 10;

    /// <summary>How many there are at least, once they are made, used or not; up to <see cref="MaxSize"/>.</summary>
    public int MinSize { get; init; }

    /// <summary>How long an object that is not used is kept, or null for ever.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Makes an object that was used ready for the next user, or null. One for which it fails is disposed.</summary>
    public Func<object, CancellationToken, Task>? Reset { get; init; }

    /// <summary>Says whether an object that was used before is still good, or null. One that is not is disposed.</summary>
    public Func<object, CancellationToken, Task<bool>>? Validate { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
