using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Waits;

/// <summary>What a thread runs that runs no item: the pipelines of a session.</summary>
internal sealed class SessionStrand : Strand
{
    // As long as their threads live.
    private static readonly ConditionalWeakTable<SessionStrand, object?> Known = [];

    [ThreadStatic]
    private static SessionStrand? _ofThread;

    private readonly WeakReference<Runspace?> _session = new(Runspace.DefaultRunspace);

    private SessionStrand() => Known.Add(this, null);

    /// <summary>That of this thread.</summary>
    public static SessionStrand OfThread => _ofThread ??= new SessionStrand();

    /// <summary>Those of all threads that have ever asked for theirs.</summary>
    public static IReadOnlyList<SessionStrand> All => [.. Known.Select(static entry => entry.Key)];

    /// <summary>The session, or null if the thread has none.</summary>
    public Runspace? Session => _session.TryGetTarget(out Runspace? session) ? session : null;
}
