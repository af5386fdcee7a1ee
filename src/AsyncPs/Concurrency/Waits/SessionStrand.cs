using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency.Waits;

/// <summary>The strand of a thread that runs no item: the pipelines of a session.</summary>
internal sealed class SessionStrand : Strand
{
    // Each lives as long as its thread.
    private static readonly ConditionalWeakTable<SessionStrand, object?> Known = [];

    [ThreadStatic]
    private static SessionStrand? _ofThread;

    private readonly WeakReference<Runspace?> _session = new(Runspace.DefaultRunspace);

    private SessionStrand() => Known.Add(this, null);

    /// <summary>The strand of this thread.</summary>
    public static SessionStrand OfThread => _ofThread ??= new SessionStrand();

    /// <summary>The strands of all threads that have asked for theirs.</summary>
    public static IReadOnlyList<SessionStrand> All => [.. Known.Select(static entry => entry.Key)];

    /// <summary>The session, or null if the thread has none.</summary>
    public Runspace? Session => _session.TryGetTarget(out Runspace? session) ? session : null;
}
