using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>Something that a strand holds. Disposing it ends that.</summary>
/// <param name="strand">The strand.</param>
/// <param name="resource">What it holds, or holds a place of.</param>
/// <param name="pipeline">The pipeline for the whole of which it is held, or null.</param>
internal sealed class Hold(Strand strand, object resource, object? pipeline) : IDisposable
{
    private bool _over;

    /// <summary>What is held.</summary>
    public object Resource { get; } = resource;

    /// <summary>The pipeline for the whole of which it is held, or null.</summary>
    public object? Pipeline { get; } = pipeline;

    /// <summary>Since when, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Since { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whether it is still held.</summary>
    public bool IsHeld => !Volatile.Read(ref _over);

    /// <summary>It is given back.</summary>
    public void Dispose()
    {
        if (!_over)
        {
            Volatile.Write(ref _over, true);
            strand.Drop(this);
        }
    }
}
