using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data;

/// <summary>What queries and loads run on: a database with its pool, or one transaction.</summary>
public abstract class DatabaseTarget
{
    private protected DatabaseTarget(IDatabaseDriver driver) => Driver = driver;

    /// <summary>What speaks to the database.</summary>
    public DatabaseKind Kind => Driver.Kind;

    /// <summary>What the database is called: its file, server and name, or the type of what connects to it; no secrets.</summary>
    public string Name => Driver.Name;

    /// <summary>What speaks to the database.</summary>
    internal IDatabaseDriver Driver { get; }

    /// <summary>How many queries run at once unless the caller says otherwise.</summary>
    internal abstract int Limit { get; }

    /// <summary>Takes a connection, waiting for one if need be.</summary>
    /// <param name="user">On whose behalf: of a database, whoever takes another's connection finds it like new.</param>
    /// <param name="strand">Who waits for it, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DatabaseException">The wait would be for the end of a transaction that the strand runs in; the database was closed;
    /// the transaction is over, or its connection waits for a reader.</exception>
    internal abstract ValueTask<IConnectionLease> LeaseAsync(object user, Strand? strand, CancellationToken cancellationToken);

    /// <summary>A user is done.</summary>
    internal abstract ValueTask ForgetAsync(object user);

    /// <summary>
    /// Whether what is about to begin would wait for a transaction that it runs in, which cannot end before. Pipeline thread only.
    /// </summary>
    /// <param name="toWrite">Whether it would write.</param>
    internal abstract bool WouldWaitForItself(bool toWrite);

    /// <summary>Waits until nobody else writes, where only one may. Disposing the result lets the next one write.</summary>
    internal abstract ValueTask<IDisposable?> EnterWriteAsync(CancellationToken cancellationToken);
}
