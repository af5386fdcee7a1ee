using System.Data.Common;

namespace AsyncPs.Data.Connections;

/// <summary>An open connection, and who used it last.</summary>
internal sealed class PooledConnection(DbConnection connection)
{
    /// <summary>The connection.</summary>
    public DbConnection Connection { get; } = connection;

    /// <summary>Who used it last: for somebody else it is made like new.</summary>
    public object? LastUser { get; set; }
}
