using System.Data;
using System.Data.Common;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;
using AsyncPs.Resources;

namespace AsyncPs.Data;

/// <summary>
/// A transaction with its own connection. Queries on it belong to it and run one after another (asyncpg's
/// <c>connection.transaction()</c>).
/// </summary>
public sealed class AsyncTransaction : DatabaseTarget, IAsyncTransaction
{
    // A query that waits this long behind unread rows is probably the one that should read them.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    private readonly ConnectionLease _lease;
    private readonly DbTransaction _transaction;
    private readonly IDisposable? _writing;
    private readonly Hold _hold;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TransactionLease? _holder;
    private bool _ended;
    private bool _isHealthy;
    private bool _hasFailed;
    private bool _disposed;

    private AsyncTransaction(DatabaseTarget database, ConnectionLease lease, DbTransaction transaction, IDisposable? writing, Hold hold)
        : base(database.Driver)
    {
        _hold = hold;
        _lease = lease;
        _transaction = transaction;
        _writing = writing;
    }

    /// <summary>Whether it was committed or rolled back.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    /// <summary>The transaction itself: queries take it in place of the database.</summary>
    object IAsyncTransaction.Connection => this;

    /// <inheritdoc/>
    internal override int Limit => 1;

    /// <summary>Commits the transaction.</summary>
    /// <exception cref="DatabaseException">It could not be committed, perhaps because a query in it has failed: nothing is
    /// kept.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken)
        => EndAsync(() => CommitIfAliveAsync(cancellationToken), cancellationToken);

    /// <summary>Rolls the transaction back.</summary>
    public ValueTask RollbackAsync(CancellationToken cancellationToken)
        => EndAsync(() => _transaction.RollbackAsync(cancellationToken), cancellationToken);

    /// <summary>Rolls back uncommitted work, and returns the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Volatile.Write(ref _ended, true);

        // A query that is being stopped still uses the connection for a moment.
        if (await _turn.WaitAsync(WaitLimit))
        {
            await CloseAsync();
        }
        else
        {
            // Later code does not run in it, and may wait for its end.
            _hold.Dispose();
            _ = CloseLaterAsync();
        }
    }

    /// <summary>Its database.</summary>
    public override string ToString() => Name;

    /// <summary>Begins a transaction.</summary>
    /// <param name="database">The database.</param>
    /// <param name="isolationLevel">The isolation level.</param>
    /// <param name="hold">Registers that it is open, as long as code runs in it.</param>
    /// <param name="cancellationToken">Ends the wait for a connection, and leaves no transaction behind.</param>
    internal static async ValueTask<AsyncTransaction> BeginAsync(
        AsyncDatabase database,
        IsolationLevel isolationLevel,
        Func<Hold> hold,
        CancellationToken cancellationToken)
    {
        IDisposable? writing = await database.EnterWriteAsync(cancellationToken);
        ConnectionLease? lease = null;
        try
        {
            DbTransaction? transaction = null;
            await database.Driver.RunAsync(async () =>
            {
                lease = await database.LeasePooledAsync(new object(), cancellationToken);
                transaction = await database.Driver.BeginAsync(lease.Connection, isolationLevel, cancellationToken);
            });
            return new AsyncTransaction(database, lease!, transaction!, writing, hold());
        }
        catch (Exception e)
        {
            using (writing)
            {
                if (lease is not null)
                {
                    lease.IsHealthy = false;
                    await lease.DisposeAsync();
                }
            }

            if (e is not OperationCanceledException && database.Driver.Explain(e) is { } failure)
            {
                throw DataErrors.Failed(failure, e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    internal override async ValueTask<IConnectionLease> LeaseAsync(object user, Strand? strand, CancellationToken cancellationToken)
    {
        bool entered = false;
        while (!HasEnded && !(entered = await _turn.WaitAsync(WaitLimit, cancellationToken)))
        {
            if (Volatile.Read(ref _holder) is { IsReaderAwaited: true })
            {
                throw DataErrors.TransactionBusy();
            }
        }

        if (HasEnded)
        {
            if (entered)
            {
                // Other queries wait behind this one, to get the same error.
                _turn.Release();
            }

            throw DataErrors.TransactionEnded();
        }

        var lease = new TransactionLease(_lease, _transaction, Return);
        Volatile.Write(ref _holder, lease);
        return lease;
    }

    /// <inheritdoc/>
    internal override ValueTask ForgetAsync(object user) => default;

    /// <inheritdoc/>
    internal override bool WouldWaitForItself(bool toWrite) => false;

    /// <inheritdoc/>
    internal override ValueTask<IDisposable?> EnterWriteAsync(CancellationToken cancellationToken) => default;

    /// <summary>Notes that a query in it has failed.</summary>
    internal void NoteFailure() => Volatile.Write(ref _hasFailed, true);

    // A server may accept the commit of a failed transaction, roll it back, and report nothing.
    private async Task CommitIfAliveAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _hasFailed))
        {
            try
            {
                await using DbCommand probe = _lease.Connection.CreateCommand();
                probe.Transaction = _transaction;
                probe.CommandText = "select 1";
                await probe.ExecuteScalarAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException && Driver.Explain(e) is not null)
            {
                throw DataErrors.TransactionFailed(e);
            }
        }

        await _transaction.CommitAsync(cancellationToken);
    }

    private async ValueTask CloseAsync()
    {
        try
        {
            await Driver.RunAsync(() => _transaction.DisposeAsync());
        }
        catch (Exception e) when (Driver.Explain(e) is not null)
        {
            // The connection is lost, together with the transaction.
            _isHealthy = false;
        }
        finally
        {
            _hold.Dispose();
            using (_writing)
            await using (_lease)
            {
                _lease.IsHealthy = _isHealthy && Driver.IsReusable(_lease.Connection, failed: false);
            }
        }
    }

    // A transaction cannot be closed under a running query: it ends with the query.
    private async Task CloseLaterAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await CloseAsync();
        }
        catch (Exception e) when (Driver.Explain(e) is not null)
        {
            // The error has no receiver any more.
        }
    }

    private void Return(TransactionLease lease)
    {
        Volatile.Write(ref _holder, null);
        _turn.Release();
    }

    private async ValueTask EndAsync(Func<Task> end, CancellationToken cancellationToken)
    {
        await using (await LeaseAsync(this, strand: null, cancellationToken))
        {
            Volatile.Write(ref _ended, true);
            try
            {
                await Driver.RunAsync(() => new ValueTask(end()));
                _isHealthy = true;
            }
            catch (Exception e) when (e is not OperationCanceledException && Driver.Explain(e) is { } failure)
            {
                throw DataErrors.Failed(failure, e);
            }
        }
    }
}
