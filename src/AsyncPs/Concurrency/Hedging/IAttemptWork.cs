namespace AsyncPs.Concurrency.Hedging;

/// <summary>Work whose state changes during an attempt. Concurrent attempts each get a copy.</summary>
internal interface IAttemptWork
{
    /// <summary>Whether it is safe to do twice.</summary>
    bool MayRunTwice { get; }

    /// <summary>A copy with the progress so far, for one attempt.</summary>
    IAttemptWork Copy();

    /// <summary>Takes over the progress of an attempt.</summary>
    void Adopt(IAttemptWork attempted);
}
