namespace AsyncPs.Data.Drivers;

/// <summary>The database drivers that come with the module. The assembly that implements it is loaded apart, with their packages.</summary>
internal interface IDrivers
{
    /// <summary>Opens a file, or a database in memory.</summary>
    IDatabaseDriver OpenSqlite(SqliteSettings settings);

    /// <summary>Prepares to connect to a server.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    IDatabaseDriver OpenPostgreSql(ServerSettings settings);

    /// <summary>Prepares to connect to a server of MySQL or MariaDB.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    IDatabaseDriver OpenMySql(ServerSettings settings);

    /// <summary>Prepares to connect to a SQL Server.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    IDatabaseDriver OpenSqlServer(ServerSettings settings);
}

/// <summary>How a SQLite database is opened.</summary>
/// <param name="Path">The file; null for a database in memory.</param>
/// <param name="IsReadOnly">Whether nothing is written to it.</param>
/// <param name="BusyTimeout">How long to wait for another process that writes.</param>
/// <param name="PoolSize">How many connections and threads.</param>
internal sealed record SqliteSettings(string? Path, bool IsReadOnly, TimeSpan BusyTimeout, int PoolSize);

/// <summary>How a server is connected to.</summary>
/// <param name="ConnectionString">The connection string.</param>
/// <param name="UserName">Who logs in, if not the one of the connection string.</param>
/// <param name="Password">With this.</param>
/// <param name="PoolSize">How many connections; null for what the connection string says.</param>
internal sealed record ServerSettings(string ConnectionString, string? UserName, string? Password, int? PoolSize);
