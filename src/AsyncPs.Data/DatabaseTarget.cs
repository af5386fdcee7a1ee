using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data;

/// <summary>The target of queries and loads: a database with its pool, or one transaction.</summary>
public abstract class DatabaseTarget
{
    private protected DatabaseTarget(IDatabaseDriver driver) => Driver = driver;

    /// <summary>The kind of the database.</summary>
    public DatabaseKind Kind => Driver.Kind;

    /// <summary>The name of the database: its file, server and name, or the type of its data source; no secrets.</summary>
    public string Name => Driver.Name;

    /// <summary>The driver of the database.</summary>
    internal IDatabaseDriver Driver { get; }

    /// <summary>How many queries run at the same time by default.</summary>
    internal abstract int Limit { get; }

    /// <summary>The connections that queries run on; null for that of a transaction.</summary>
    internal virtual ConnectionPool? Connections => null;

    /// <summary>Takes a connection, and waits for one if necessary.</summary>
    /// <param name="user">The user of the connection. In a database, a connection of another user is reset first.</param>
    /// <param name="strand">The strand that waits, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DatabaseException">The wait would be for the end of a transaction that the strand runs in; the database was closed;
    /// the transaction has ended, or its connection waits for a reader.</exception>
    internal abstract ValueTask<IConnectionLease> LeaseAsync(object user, Strand? strand, CancellationToken cancellationToken);

    /// <summary>Notes that a user is done.</summary>
    internal abstract ValueTask ForgetAsync(object user);

    /// <summary>
    /// Whether the coming work would wait for a transaction that it runs in, which cannot end before. Pipeline thread only.
    /// </summary>
    /// <param name="toWrite">Whether it would write.</param>
    internal abstract bool WouldWaitForItself(bool toWrite);

    /// <summary>Waits until there is no other writer, if only one is allowed. Disposing the result admits the next one.</summary>
    internal abstract ValueTask<IDisposable?> EnterWriteAsync(CancellationToken cancellationToken);
}
