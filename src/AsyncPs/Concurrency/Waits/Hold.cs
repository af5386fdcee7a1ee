using System.Diagnostics;

namespace AsyncPs.Concurrency.Waits;

/// <summary>A resource that a strand holds until this is disposed.</summary>
/// <param name="strand">The strand.</param>
/// <param name="resource">The resource, or one that the strand has a place of.</param>
/// <param name="pipeline">The pipeline for whose whole duration it is held, or null.</param>
internal sealed class Hold(Strand strand, object resource, object? pipeline) : IDisposable
{
    private bool _over;

    /// <summary>The resource.</summary>
    public object Resource { get; } = resource;

    /// <summary>The pipeline for whose whole duration it is held, or null.</summary>
    public object? Pipeline { get; } = pipeline;

    /// <summary>When it was taken, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Since { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whether it is still held.</summary>
    public bool IsHeld => !Volatile.Read(ref _over);

    /// <summary>Returns the resource.</summary>
    public void Dispose()
    {
        if (!_over)
        {
            Volatile.Write(ref _over, true);
            strand.Drop(this);
        }
    }
}
