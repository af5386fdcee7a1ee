using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>What a strand waits for, noted for whoever looks.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Subject">What is waited for, or null if the kind says it all.</param>
/// <param name="Text">More about it, or null.</param>
internal sealed record WaitNote(WaitKind Kind, object? Subject = null, string? Text = null)
{
    /// <summary>The pipeline takes records more slowly than they come.</summary>
    public static readonly WaitNote Pipeline = new(WaitKind.Pipeline);

    /// <summary>Results leave in order, and as many are held back as may be.</summary>
    public static readonly WaitNote Order = new(WaitKind.Order);

    /// <summary>Since when, as a timestamp of <see cref="Stopwatch"/>; 0 if that is not known.</summary>
    public long Since { get; init; }

    /// <summary>A wait that begins now.</summary>
    public static WaitNote Begin(WaitKind kind, object? subject = null, string? text = null)
        => new(kind, subject, text) { Since = Stopwatch.GetTimestamp() };
}
