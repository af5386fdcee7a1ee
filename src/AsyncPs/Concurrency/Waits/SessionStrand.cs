namespace AsyncPs.Concurrency.Waits;

/// <summary>What a thread runs that runs no item: the pipelines of a session.</summary>
internal sealed class SessionStrand : Strand
{
    [ThreadStatic]
    private static SessionStrand? _ofThread;

    /// <summary>That of this thread.</summary>
    public static SessionStrand OfThread => _ofThread ??= new SessionStrand();
}
