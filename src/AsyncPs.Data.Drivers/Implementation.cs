using AsyncPs.Data.Drivers.PostgreSql;
using AsyncPs.Data.Drivers.Sqlite;

namespace AsyncPs.Data.Drivers;

/// <summary>The drivers that come with the module.</summary>
internal sealed class Implementation : IDrivers
{
    /// <inheritdoc/>
    public IDatabaseDriver OpenSqlite(SqliteSettings settings) => new SqliteDriver(settings);

    /// <inheritdoc/>
    public IDatabaseDriver OpenPostgreSql(PostgreSqlSettings settings) => new PostgreSqlDriver(settings);
}
