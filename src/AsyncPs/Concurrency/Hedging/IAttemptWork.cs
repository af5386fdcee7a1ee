namespace AsyncPs.Concurrency.Hedging;

/// <summary>Work that changes as an attempt gets on: of two attempts at once each has its own.</summary>
internal interface IAttemptWork
{
    /// <summary>Whether doing it twice does no harm.</summary>
    bool MayRunTwice { get; }

    /// <summary>The same work as far as it has come, for one attempt.</summary>
    IAttemptWork Copy();

    /// <summary>Comes as far as an attempt has come.</summary>
    void Adopt(IAttemptWork attempted);
}
