using System.Data.Common;

namespace AsyncPs.Data.Connections;

/// <summary>The one connection of a transaction, used by one query after another.</summary>
internal sealed class TransactionLease(
    ConnectionLease connection,
    DbTransaction transaction,
    Action<TransactionLease> giveBack) : IConnectionLease
{
    private int _isReaderAwaited;

    /// <inheritdoc/>
    public DbConnection Connection => connection.Connection;

    /// <inheritdoc/>
    public DbTransaction? Transaction => transaction;

    /// <inheritdoc/>
    public ServerMessages Messages => connection.Messages;

    /// <inheritdoc/>
    public bool IsHealthy { get; set; } = true;

    /// <summary>Whether its rows wait for their reader.</summary>
    public bool IsReaderAwaited => Volatile.Read(ref _isReaderAwaited) != 0;

    /// <inheritdoc/>
    public async ValueTask AwaitReaderAsync(ValueTask written)
    {
        Volatile.Write(ref _isReaderAwaited, 1);
        await written;
        Volatile.Write(ref _isReaderAwaited, 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        giveBack(this);
        return default;
    }
}
