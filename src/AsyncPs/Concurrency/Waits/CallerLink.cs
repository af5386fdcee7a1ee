using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>A strand that waits for what it has called, and gives back what it held before only when that has ended.</summary>
/// <param name="Strand">The strand.</param>
/// <param name="Since">Since when, as a timestamp of <see cref="Stopwatch"/>. What it takes later it takes for code that runs beside the
/// call, behind it in the pipeline.</param>
/// <param name="Pipeline">The pipeline that the call is part of, as an identity; or null. What is held for the whole of that pipeline
/// counts whenever it was taken.</param>
internal readonly record struct CallerLink(Strand Strand, long Since, object? Pipeline)
{
    /// <summary>
    /// Whether the strand returns the permits that it runs with before it waits, as an item does that waits for its jobs.
    /// </summary>
    public bool ReturnsPermits { get; init; }

    /// <summary>The strand that runs on this thread, as one that is about to wait.</summary>
    public static CallerLink Current => new(Strand.Current, Stopwatch.GetTimestamp(), null);

    /// <summary>A strand as it stands: all that it holds.</summary>
    public static CallerLink All(Strand strand) => new(strand, long.MaxValue, null);

    /// <summary>The strand that runs a command, as one that is about to wait.</summary>
    public static CallerLink Of(Cmdlet command) => Current with { Pipeline = EngineInternals.PipelineOf(command) };
}
