using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs;

/// <summary>
/// The open sessions that have imported a module. What they share ends when the last of them removes the module. A session that closes
/// without removing it no longer counts: PowerShell does not tell a module that its session closes. A worker never counts, because it is
/// kept for the sessions.
/// </summary>
internal sealed class ModuleSessions
{
    private static readonly ConditionalWeakTable<Runspace, object> Workers = [];

    // One entry per import. Weak, because a session may be dropped without being closed.
    private readonly List<WeakReference<Runspace>> _sessions = [];

    /// <summary>Marks a runspace as a worker's.</summary>
    public static void Exclude(Runspace worker) => Workers.AddOrUpdate(worker, worker);

    /// <summary>Notes an import.</summary>
    /// <returns>Whether no other session has the module.</returns>
    public bool Add(Runspace? session)
    {
        if (session is null || Workers.TryGetValue(session, out _))
        {
            return false;
        }

        lock (_sessions)
        {
            _sessions.RemoveAll(static entry => !IsOpen(entry));
            _sessions.Add(new WeakReference<Runspace>(session));
            return _sessions.Count == 1;
        }
    }

    /// <summary>Notes a removal.</summary>
    /// <returns>Whether no session has the module any more.</returns>
    public bool Remove(Runspace? session)
    {
        lock (_sessions)
        {
            int index = _sessions.FindIndex(entry => entry.TryGetTarget(out Runspace? known) && known == session);
            if (index < 0)
            {
                return false;
            }

            _sessions.RemoveAt(index);
            return !_sessions.Exists(IsOpen);
        }
    }

    private static bool IsOpen(WeakReference<Runspace> entry)
        => entry.TryGetTarget(out Runspace? session)
            && session.RunspaceStateInfo.State is not (RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken);
}
