namespace AsyncPs.Data.Drivers;

/// <summary>The database drivers that ship with the module. Their assembly is loaded separately, with its packages.</summary>
internal interface IDrivers
{
    /// <summary>Opens a file, or a database in memory.</summary>
    IDatabaseDriver OpenSqlite(SqliteSettings settings);

    /// <summary>Prepares to connect to a server.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    IDatabaseDriver OpenPostgreSql(ServerSettings settings);

    /// <summary>Prepares to connect to a MySQL or MariaDB server.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    IDatabaseDriver OpenMySql(ServerSettings settings);

    /// <summary>Prepares to connect to a SQL Server.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    IDatabaseDriver OpenSqlServer(ServerSettings settings);
}

/// <summary>How a SQLite database is opened.</summary>
/// <param name="Path">The file; null for a database in memory.</param>
/// <param name="IsReadOnly">Whether it is opened read-only.</param>
/// <param name="BusyTimeout">How long to wait for another process that writes.</param>
/// <param name="PoolSize">The number of connections and threads.</param>
internal sealed record SqliteSettings(string? Path, bool IsReadOnly, TimeSpan BusyTimeout, int PoolSize);

/// <summary>How a server is connected to.</summary>
/// <param name="ConnectionString">The connection string.</param>
/// <param name="UserName">The user to log in, if not that of the connection string.</param>
/// <param name="Password">The user's password.</param>
/// <param name="PoolSize">The number of connections; null for that of the connection string.</param>
internal sealed record ServerSettings(string ConnectionString, string? UserName, string? Password, int? PoolSize);
