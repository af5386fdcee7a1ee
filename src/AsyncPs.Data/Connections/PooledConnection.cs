using System.Data.Common;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Connections;

/// <summary>An open connection, and who used it last.</summary>
internal sealed class PooledConnection
{
    /// <summary>Takes an open connection.</summary>
    public PooledConnection(IDatabaseDriver driver, DbConnection connection)
    {
        Connection = connection;
        driver.Hear(connection, Messages.Add);
    }

    /// <summary>The connection.</summary>
    public DbConnection Connection { get; }

    /// <summary>What the server says on it.</summary>
    public ServerMessages Messages { get; } = new();

    /// <summary>Who used it last: for somebody else it is made like new.</summary>
    public object? LastUser { get; set; }
}
