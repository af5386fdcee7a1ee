using System.Management.Automation.Runspaces;

namespace AsyncPs.Data.Connections;

/// <summary>
/// The transactions of a database that are open, and the sessions that have begun them. What a session begins while one of its own is open runs within it: to wait
/// for its end would be to wait for ever.
/// </summary>
internal sealed class OpenTransactions
{
    private readonly Dictionary<AsyncTransaction, Guid?> _sessions = [];

    /// <summary>The session that runs on this thread; null if there is none.</summary>
    public static Guid? Session => Runspace.DefaultRunspace?.InstanceId;

    /// <summary>A transaction was begun.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="session">By this session, or by none.</param>
    public void Add(AsyncTransaction transaction, Guid? session)
    {
        lock (_sessions)
        {
            _sessions.Add(transaction, session);
        }
    }

    /// <summary>A transaction holds its connection no longer.</summary>
    public void Remove(AsyncTransaction transaction)
    {
        lock (_sessions)
        {
            _sessions.Remove(transaction);
        }
    }

    /// <summary>How many of them the session has begun that runs on this thread.</summary>
    public int CountOwn()
    {
        if (Session is not { } session)
        {
            return 0;
        }

        lock (_sessions)
        {
            return _sessions.Values.Count(of => of == session);
        }
    }
}
