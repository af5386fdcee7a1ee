using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>A strand that waits for a call, and returns what it held before the call only after the call's end.</summary>
/// <param name="Strand">The strand.</param>
/// <param name="Since">When the wait began, as a timestamp of <see cref="Stopwatch"/>. What the strand takes later belongs to code that
/// runs beside the call, after it in the pipeline.</param>
/// <param name="Pipeline">The identity of the pipeline that contains the call, or null. What is held for that whole pipeline counts no
/// matter when it was taken.</param>
internal readonly record struct CallerLink(Strand Strand, long Since, object? Pipeline)
{
    /// <summary>Whether the strand returns its permits before it waits, as an item does that waits for its jobs.</summary>
    public bool ReturnsPermits { get; init; }

    /// <summary>A link to the strand of this thread, which is about to wait.</summary>
    public static CallerLink Current => new(Strand.Current, Stopwatch.GetTimestamp(), null);

    /// <summary>A link to a strand that counts everything the strand holds.</summary>
    public static CallerLink All(Strand strand) => new(strand, long.MaxValue, null);

    /// <summary>A link to the strand that runs a command and is about to wait.</summary>
    public static CallerLink Of(Cmdlet command) => Current with { Pipeline = EngineInternals.PipelineOf(command) };
}
