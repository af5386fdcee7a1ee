using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Data.Connections;

/// <summary>
/// The transactions of a database that are open, and the sessions that have begun them. What a session begins while one of its own is open runs within it: to wait
/// for its end would be to wait for ever.
/// </summary>
internal sealed class OpenTransactions
{
    private readonly Dictionary<AsyncTransaction, (Guid? Session, long BegunAt)> _begun = [];

    /// <summary>A transaction was begun.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="session">By this session, or by none.</param>
    public void Add(AsyncTransaction transaction, Guid? session)
    {
        lock (_begun)
        {
            _begun.Add(transaction, (session, Stopwatch.GetTimestamp()));
        }
    }

    /// <summary>Nothing runs within a transaction any longer.</summary>
    public void Remove(AsyncTransaction transaction)
    {
        lock (_begun)
        {
            _begun.Remove(transaction);
        }
    }

    /// <summary>How many of them do not end before what is about to begin on this thread has ended.</summary>
    public int CountAround()
    {
        int around = 0;
        lock (_begun)
        {
            for (WaitingSession? waiting = _begun.Count > 0 ? WaitingSession.Current : null; waiting is not null; waiting = waiting.Outer)
            {
                around += _begun.Values.Count(begun => begun.Session == waiting.Id && begun.BegunAt <= waiting.Since);
            }
        }

        return around;
    }
}
