namespace AsyncPs.Concurrency.Waits;

/// <summary>Notes what a strand waits for, until it is disposed. Within another wait it takes that one's place for the time.</summary>
internal readonly struct NotedWait : IDisposable
{
    private readonly Strand? _strand;
    private readonly WaitNote? _outer;

    /// <summary>Notes it.</summary>
    /// <param name="strand">Who waits; or null: then nothing is noted.</param>
    /// <param name="note">What for.</param>
    public NotedWait(Strand? strand, WaitNote note)
    {
        _strand = strand;
        if (strand is not null)
        {
            _outer = strand.Waits;
            strand.Waits = note;
        }
    }

    /// <summary>It waits no longer.</summary>
    public void Dispose()
    {
        if (_strand is not null)
        {
            _strand.Waits = _outer;
        }
    }
}
