namespace AsyncPs.Pooling;

/// <summary>The settings of a pool.</summary>
/// <param name="Create">Creates an object.</param>
internal sealed record PoolOptions(Func<CancellationToken, Task<object>> Create)
{
    /// <summary>The identity of its places, which users hold, and code that creates an object.</summary>
    public object Places { get; init; } = new();

    /// <summary>The largest number of objects, from 1.</summary>
    public int MaxSize { get; init; } = 10;

    /// <summary>The smallest number of objects, once created, used or not; up to <see cref="MaxSize"/>.</summary>
    public int MinSize { get; init; }

    /// <summary>How long an unused object is kept, or null for no limit.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Prepares a used object for the next user, or null. An object for which it fails is disposed.</summary>
    public Func<object, CancellationToken, Task>? Reset { get; init; }

    /// <summary>Checks whether a used object is still good, or null. One that is not is disposed.</summary>
    public Func<object, CancellationToken, Task<bool>>? Validate { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
