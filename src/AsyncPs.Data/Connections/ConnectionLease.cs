using System.Data.Common;

namespace AsyncPs.Data.Connections;

/// <summary>A connection of a pool.</summary>
internal sealed class ConnectionLease(ConnectionPool pool, PooledConnection connection) : IConnectionLease
{
    private bool _holdsPermit = true;

    /// <inheritdoc/>
    public DbConnection Connection => connection.Connection;

    /// <inheritdoc/>
    public DbTransaction? Transaction => null;

    /// <inheritdoc/>
    public ServerMessages Messages => connection.Messages;

    /// <inheritdoc/>
    public bool IsHealthy { get; set; } = true;

    /// <inheritdoc/>
    public ValueTask AwaitReaderAsync(ValueTask written)
    {
        // Others may use the place meanwhile.
        if (_holdsPermit)
        {
            _holdsPermit = false;
            pool.GivePermit();
        }

        return written;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => pool.ReturnAsync(connection, IsHealthy, _holdsPermit);
}
