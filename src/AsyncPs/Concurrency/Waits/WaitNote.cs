using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>What a strand waits for, noted for inspection.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Subject">The object that it waits for, or null if the kind is enough.</param>
/// <param name="Text">Details, or null.</param>
internal sealed record WaitNote(WaitKind Kind, object? Subject = null, string? Text = null)
{
    /// <summary>The pipeline takes records more slowly than they come.</summary>
    public static readonly WaitNote Pipeline = new(WaitKind.Pipeline);

    /// <summary>Results leave in order, and the limit of held-back records is reached.</summary>
    public static readonly WaitNote Order = new(WaitKind.Order);

    /// <summary>When the wait began, as a timestamp of <see cref="Stopwatch"/>; 0 if unknown.</summary>
    public long Since { get; init; }

    /// <summary>A wait that begins now.</summary>
    public static WaitNote Begin(WaitKind kind, object? subject = null, string? text = null)
        => new(kind, subject, text) { Since = Stopwatch.GetTimestamp() };
}
