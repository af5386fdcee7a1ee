using System.Data.Common;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Connections;

/// <summary>An open connection and its last user.</summary>
internal sealed class PooledConnection
{
    /// <summary>Wraps an open connection.</summary>
    public PooledConnection(IDatabaseDriver driver, DbConnection connection)
    {
        Connection = connection;
        driver.Hear(connection, Messages.Add);
    }

    /// <summary>The connection.</summary>
    public DbConnection Connection { get; }

    /// <summary>The server's messages on it.</summary>
    public ServerMessages Messages { get; } = new();

    /// <summary>Its last user. For another user it is reset first.</summary>
    public object? LastUser { get; set; }
}
