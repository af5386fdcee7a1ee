using System.Diagnostics;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Connections;

/// <summary>
/// The connections of a database. A limited number is in use at a time, and further callers wait. A query that waits for its reader does
/// not count: otherwise queries that feed each other could wait for each other forever.
/// </summary>
internal sealed class ConnectionPool(IDatabaseDriver driver) : IAsyncDisposable
{
    private readonly SemaphoreSlim _permits = new(driver.PoolSize);
    private readonly Stack<PooledConnection> _idle = new();
    private readonly CancellationTokenSource _closing = new();
    private int _open;
    private int _inUse;
    private bool _closed;

    /// <summary>How many connections are open, used or not.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>How many connections are in use.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Takes a connection, and waits for one if necessary.</summary>
    /// <param name="user">The user of the connection. A connection of another user is reset first.</param>
    /// <param name="strand">The strand that waits, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DatabaseException">The wait would be for the end of a transaction that the strand runs in, or the database was
    /// closed.</exception>
    public async ValueTask<ConnectionLease> LeaseAsync(object user, Strand? strand, CancellationToken cancellationToken)
    {
        await TakePermitAsync(strand, cancellationToken);
        try
        {
            Interlocked.Increment(ref _inUse);
            return new ConnectionLease(this, await ConnectAsync(user, strand, cancellationToken));
        }
        catch
        {
            Interlocked.Decrement(ref _inUse);
            GivePermit();
            throw;
        }
    }

    /// <summary>Notes that a user is done: connections that were kept in its state are released.</summary>
    public async ValueTask ForgetAsync(object user)
    {
        if (driver.KeepsIdle)
        {
            return;
        }

        List<PooledConnection> left = [];
        lock (_idle)
        {
            PooledConnection[] all = [.. _idle];
            _idle.Clear();
            foreach (PooledConnection connection in Enumerable.Reverse(all))
            {
                if (connection.LastUser == user)
                {
                    left.Add(connection);
                }
                else
                {
                    _idle.Push(connection);
                }
            }
        }

        foreach (PooledConnection connection in left)
        {
            await CloseAsync(connection);
        }
    }

    /// <summary>Takes back a connection.</summary>
    public async ValueTask ReturnAsync(PooledConnection connection, bool isSound, bool holdsPermit)
    {
        bool kept = false;
        lock (_idle)
        {
            if (isSound && !_closed && _idle.Count < driver.PoolSize)
            {
                _idle.Push(connection);
                kept = true;
            }
        }

        try
        {
            if (!kept)
            {
                await CloseAsync(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inUse);
            if (holdsPermit)
            {
                GivePermit();
            }
        }
    }

    /// <summary>Throws if the database was closed.</summary>
    /// <exception cref="DatabaseException">The database was closed.</exception>
    public void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw DataErrors.Closed(driver.Name);
        }
    }

    /// <summary>Returns a permit.</summary>
    public void GivePermit() => _permits.Release();

    /// <summary>Closes unused connections at once, and the others when they are returned. Waiting callers get an error.</summary>
    public async ValueTask DisposeAsync()
    {
        PooledConnection[] idle;
        lock (_idle)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        await _closing.CancelAsync();
        foreach (PooledConnection connection in idle)
        {
            await CloseAsync(connection);
        }
    }

    private async ValueTask TakePermitAsync(Strand? strand, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (_permits.Wait(0, CancellationToken.None))
        {
            return;
        }

        using var noted = new NotedWait(strand, DatabaseWaits.Connection(this, driver) with { Since = Stopwatch.GetTimestamp() });
        using WaitGraph.Wait? waiting = strand is null ? null : WaitForPlace(strand);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            await _permits.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfClosed();
            throw;
        }
    }

    private WaitGraph.Wait? WaitForPlace(Strand strand)
    {
        try
        {
            return WaitGraph.ForPlace(
                strand,
                this,
                driver.PoolSize,
                () => new DeadlockException(DataErrors.InTransaction(driver.Name).Message, "DatabaseInTransaction", driver.Name));
        }
        catch (DeadlockException)
        {
            throw DataErrors.InTransaction(driver.Name);
        }
    }

    private async ValueTask<PooledConnection> ConnectAsync(object user, Strand? strand, CancellationToken cancellationToken)
    {
        PooledConnection? connection;
        lock (_idle)
        {
            ThrowIfClosed();
            _idle.TryPop(out connection);
        }

        if (connection is not null && connection.LastUser != user && !driver.KeepsIdle)
        {
            // The driver's own pool resets the connection.
            await CloseAsync(connection);
            connection = null;
        }

        if (connection is null)
        {
            using var noted = new NotedWait(strand, DatabaseWaits.Opening(driver.Name));
            connection = new PooledConnection(driver, await driver.OpenAsync(cancellationToken));
            Interlocked.Increment(ref _open);
        }
        else if (connection.LastUser != user)
        {
            try
            {
                await driver.ResetAsync(connection.Connection, cancellationToken);
            }
            catch
            {
                await CloseAsync(connection);
                throw;
            }
        }

        connection.LastUser = user;
        return connection;
    }

    private async ValueTask CloseAsync(PooledConnection connection)
    {
        Interlocked.Decrement(ref _open);
        await connection.Connection.DisposeAsync();
    }
}
