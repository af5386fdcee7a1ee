using System.Data;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;
using AsyncPs.Resources;

namespace AsyncPs.Data;

/// <summary>
/// A database with a pool of connections for calls and runspaces (asyncpg's <c>Pool</c>). Disposing it closes them; running queries end
/// first.
/// </summary>
public sealed class AsyncDatabase : DatabaseTarget, ITransactional, IAsyncDisposable, IDisposable
{
    private readonly ConnectionPool _pool;
    private readonly WriteGate? _writer;
    private readonly HashSet<NotificationListener> _listeners = [];

    internal AsyncDatabase(IDatabaseDriver driver)
        : base(driver)
    {
        _pool = new ConnectionPool(driver);
        _writer = driver.HasOneWriter ? new WriteGate() : null;
        OpenDatabases.Add(this);
    }

    /// <summary>The largest number of connections in use, not counting those whose rows wait for their reader.</summary>
    public int PoolSize => Driver.PoolSize;

    /// <summary>How many connections are open.</summary>
    public int Open => _pool.Open;

    /// <summary>How many connections are in use.</summary>
    public int InUse => _pool.InUse;

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed => _pool.IsClosed;

    /// <inheritdoc/>
    internal override ConnectionPool? Connections => _pool;

    /// <inheritdoc/>
    internal override int Limit => Driver.PoolSize;

    /// <summary>Closes the database: unused connections at once, and the others when their queries have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        OpenDatabases.Remove(this);
        await _pool.DisposeAsync().ConfigureAwait(false);
        NotificationListener[] listeners;
        lock (_listeners)
        {
            listeners = [.. _listeners];
        }

        foreach (NotificationListener listener in listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        await Driver.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes the database, as <see cref="DisposeAsync"/> does.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Begins a transaction, which has its own connection until it is disposed.</summary>
    /// <param name="isolationLevel">The isolation level; <see cref="IsolationLevel.Unspecified"/> for the database's default.</param>
    /// <param name="cancellationToken">Ends the wait for a connection, and leaves no transaction behind.</param>
    /// <exception cref="DatabaseException">It could not be begun, or would wait for the end of another one that it runs in.</exception>
    public ValueTask<IAsyncTransaction> BeginTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken)
        => WouldWaitForItself(toWrite: true)
            ? throw DataErrors.InTransaction(Name)
            : BeginTransactionAsync(isolationLevel, Strand.Current, pipeline: null, cancellationToken);

    /// <summary>Begins a transaction, on any thread.</summary>
    /// <param name="isolationLevel">The isolation level.</param>
    /// <param name="strand">The strand that waits for the end of the transaction.</param>
    /// <param name="pipeline">The identity of the pipeline for whose whole duration it is open; null if a block holds it.</param>
    /// <param name="cancellationToken">Ends the wait for a connection, and leaves no transaction behind.</param>
    internal async ValueTask<IAsyncTransaction> BeginTransactionAsync(
        IsolationLevel isolationLevel,
        Strand strand,
        object? pipeline,
        CancellationToken cancellationToken)
        => await AsyncTransaction.BeginAsync(this, isolationLevel, () => strand.Hold(_pool, pipeline), cancellationToken);

    /// <summary>
    /// Listens on channels until the result or the database is disposed. The connection does not count as one of the pool.
    /// </summary>
    /// <param name="channels">The channels.</param>
    /// <param name="keepAlive">How often to check the connection while nothing arrives, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="DatabaseException">The database was closed, or the server cannot be connected to.</exception>
    /// <exception cref="NotSupportedException">The database has no notifications: it is not PostgreSQL.</exception>
    public async ValueTask<NotificationListener> ListenAsync(
        IReadOnlyList<string> channels,
        TimeSpan keepAlive,
        CancellationToken cancellationToken = default)
    {
        _pool.ThrowIfClosed();
        NotificationListener listener = await NotificationListener
            .OpenAsync(this, channels, keepAlive, cancellationToken)
            .ConfigureAwait(false);
        if (!IsClosed)
        {
            return listener;
        }

        await listener.DisposeAsync().ConfigureAwait(false);
        throw DataErrors.Closed(Name);
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    /// <inheritdoc/>
    internal override async ValueTask<IConnectionLease> LeaseAsync(object user, Strand? strand, CancellationToken cancellationToken)
        => await _pool.LeaseAsync(user, strand, cancellationToken);

    /// <summary>As <see cref="LeaseAsync"/>.</summary>
    internal ValueTask<ConnectionLease> LeasePooledAsync(object user, CancellationToken cancellationToken)
        => _pool.LeaseAsync(user, strand: null, cancellationToken);

    /// <inheritdoc/>
    internal override ValueTask ForgetAsync(object user) => _pool.ForgetAsync(user);

    /// <inheritdoc/>
    internal override bool WouldWaitForItself(bool toWrite)
        => WaitGraph.CountAround(Strand.Current, _pool) is var around and > 0 && (around >= PoolSize || (toWrite && _writer is not null));

    /// <summary>Adds a listener, which ends with the database.</summary>
    internal void Remember(NotificationListener listener)
    {
        lock (_listeners)
        {
            _listeners.Add(listener);
        }
    }

    /// <summary>Removes a listener that has ended.</summary>
    internal void Forget(NotificationListener listener)
    {
        lock (_listeners)
        {
            _listeners.Remove(listener);
        }
    }

    /// <inheritdoc/>
    internal override async ValueTask<IDisposable?> EnterWriteAsync(CancellationToken cancellationToken)
        => _writer is null ? null : await _writer.EnterAsync(cancellationToken);
}
