using AsyncPs.Data.Drivers.MySql;
using AsyncPs.Data.Drivers.PostgreSql;
using AsyncPs.Data.Drivers.Sqlite;
using AsyncPs.Data.Drivers.SqlServer;

namespace AsyncPs.Data.Drivers;

/// <summary>The drivers that come with the module.</summary>
internal sealed class Implementation : IDrivers
{
    /// <inheritdoc/>
    public IDatabaseDriver OpenSqlite(SqliteSettings settings) => new SqliteDriver(settings);

    /// <inheritdoc/>
    public IDatabaseDriver OpenPostgreSql(ServerSettings settings) => new PostgreSqlDriver(settings);

    /// <inheritdoc/>
    public IDatabaseDriver OpenMySql(ServerSettings settings) => new MySqlDriver(settings);

    /// <inheritdoc/>
    public IDatabaseDriver OpenSqlServer(ServerSettings settings) => new SqlServerDriver(settings);
}
