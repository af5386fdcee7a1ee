namespace AsyncPs.Concurrency.Waits;

/// <summary>Notes what a strand waits for, until it is disposed. Inside another wait, it replaces that note temporarily.</summary>
internal readonly struct NotedWait : IDisposable
{
    private readonly Strand? _strand;
    private readonly WaitNote? _outer;

    /// <summary>Notes a wait.</summary>
    /// <param name="strand">The strand that waits; null notes nothing.</param>
    /// <param name="note">What it waits for.</param>
    public NotedWait(Strand? strand, WaitNote note)
    {
        _strand = strand;
        if (strand is not null)
        {
            _outer = strand.Waits;
            strand.Waits = note;
        }
    }

    /// <summary>Ends the wait.</summary>
    public void Dispose()
    {
        if (_strand is not null)
        {
            _strand.Waits = _outer;
        }
    }
}
