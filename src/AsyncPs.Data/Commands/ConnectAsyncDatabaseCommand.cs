using System.Data.Common;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Data.Connections;
using AsyncPs.Data.Drivers;

namespace AsyncPs.Data.Commands;

/// <summary>
/// Opens a database with a pool of connections (asyncpg's <c>create_pool</c>, aiosqlite's <c>connect</c>), and connects once to check that
/// it is available.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "AsyncDatabase")]
[OutputType(typeof(AsyncDatabase))]
public sealed class ConnectAsyncDatabaseCommand : AsyncCommand
{
    private const string SqliteSet = "Sqlite";
    private const string PostgreSqlSet = "PostgreSql";
    private const string MySqlSet = "MySql";
    private const string SqlServerSet = "SqlServer";
    private const string ProviderSet = "Provider";
    private const string InMemory = ":memory:";
    private const int FewestThreads = 4;
    private const int DefaultConnections = 16;

    /// <summary>The file of a SQLite database, created if it is missing; or <c>:memory:</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SqliteSet)]
    [ValidateNotNullOrEmpty]
    public string? Sqlite { get; set; }

    /// <summary>The connection string of a PostgreSQL server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PostgreSqlSet)]
    [ValidateNotNullOrEmpty]
    public string? PostgreSql { get; set; }

    /// <summary>The connection string of a MySQL or MariaDB server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MySqlSet)]
    [Alias("MariaDb")]
    [ValidateNotNullOrEmpty]
    public string? MySql { get; set; }

    /// <summary>The connection string of a SQL Server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SqlServerSet)]
    [ValidateNotNullOrEmpty]
    public string? SqlServer { get; set; }

    /// <summary>
    /// A <see cref="DbDataSource"/>, or a <see cref="DbProviderFactory"/> with <see cref="ConnectionString"/>, of any ADO.NET provider.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ProviderSet)]
    [ValidateNotNull]
    public object? Provider { get; set; }

    /// <summary>The connection string for a <see cref="DbProviderFactory"/>.</summary>
    [Parameter(ParameterSetName = ProviderSet)]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    /// <summary>The user to log in, instead of the one of the connection string.</summary>
    [Parameter(ParameterSetName = PostgreSqlSet)]
    [Parameter(ParameterSetName = MySqlSet)]
    [Parameter(ParameterSetName = SqlServerSet)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Opens the file read-only; it must exist.</summary>
    [Parameter(ParameterSetName = SqliteSet)]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>How long to wait for another process that writes to the file. A number means seconds. Default: 30 s.</summary>
    [Parameter(ParameterSetName = SqliteSet)]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The largest number of connections. Default: for SQLite the number of processors, at least 4; otherwise that of the connection
    /// string, or 16.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int PoolSize { get; set; }

    /// <inheritdoc/>
    private protected override void End()
    {
        var database = new AsyncDatabase(OpenDriver());
        try
        {
            Wait(TryOutAsync(database));
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is DatabaseException failure)
            {
                ThrowTerminatingError(failure.ErrorRecord);
            }

            throw;
        }

        WriteObject(database);
    }

    private IDatabaseDriver OpenDriver() => ParameterSetName switch
    {
        SqliteSet => OpenSqlite(),
        PostgreSqlSet => OpenServer(nameof(PostgreSql), PostgreSql!, DriverLoader.Current.OpenPostgreSql),
        MySqlSet => OpenServer(nameof(MySql), MySql!, DriverLoader.Current.OpenMySql),
        SqlServerSet => OpenServer(nameof(SqlServer), SqlServer!, DriverLoader.Current.OpenSqlServer),
        _ => OpenProvider(),
    };

    private IDatabaseDriver OpenSqlite()
    {
        string? path = Sqlite == InMemory ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Sqlite);
        if (path is null && ReadOnly)
        {
            throw DataErrors.ArgumentInvalid(
                "-ReadOnly is for files: a database in memory is empty until something is written to it. Leave it out.");
        }

        if (path is not null && !Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw DataErrors.ArgumentInvalid(
                $"-Sqlite: the directory of '{path}' does not exist. Create it first.",
                "DatabaseDirectoryNotFound",
                path);
        }

        if (path is not null && ReadOnly && !File.Exists(path))
        {
            throw DataErrors.ArgumentInvalid(
                $"-Sqlite: there is no file '{path}'. -ReadOnly does not create one.",
                "DatabaseFileNotFound",
                path);
        }

        return DriverLoader.Current.OpenSqlite(new SqliteSettings(
            path,
            ReadOnly,
            BusyTimeout,
            PoolSize > 0 ? PoolSize : Math.Max(FewestThreads, Environment.ProcessorCount)));
    }

    private IDatabaseDriver OpenServer(string parameter, string connectionString, Func<ServerSettings, IDatabaseDriver> open)
    {
        try
        {
            return open(new ServerSettings(
                connectionString, Credential?.UserName, Credential?.GetNetworkCredential().Password, PoolSize > 0 ? PoolSize : null));
        }
        catch (ArgumentException)
        {
            throw DataErrors.ConnectionStringInvalid(parameter);
        }
    }

    private AdoDriver OpenProvider()
    {
        int poolSize = PoolSize > 0 ? PoolSize : DefaultConnections;
        switch (PSObjectExtensions.Unwrap(Provider))
        {
            case DbDataSource source when ConnectionString is null:
                return new AdoDriver(source, source.GetType().Name, poolSize, ownsSource: false);
            case DbDataSource:
                throw DataErrors.ArgumentInvalid("-ConnectionString is for a DbProviderFactory; a DbDataSource has its own. Leave it out.");
            case DbProviderFactory when ConnectionString is null:
                throw DataErrors.ArgumentInvalid("-Provider is a DbProviderFactory, which needs -ConnectionString.");
            case DbProviderFactory factory:
                try
                {
                    return new AdoDriver(factory.CreateDataSource(ConnectionString), factory.GetType().Name, poolSize, ownsSource: true);
                }
                catch (ArgumentException)
                {
                    throw DataErrors.ConnectionStringInvalid(nameof(ConnectionString));
                }

            case var other:
                throw DataErrors.ArgumentInvalid(
                    "-Provider takes a DbDataSource or a DbProviderFactory, such as "
                        + $"[Oracle.ManagedDataAccess.Client.OracleClientFactory]::Instance; {other!.GetType()} is neither.",
                    "NotAProvider",
                    other);
        }
    }

    private async ValueTask TryOutAsync(AsyncDatabase database)
    {
        try
        {
            // Not on this thread, which waits for Ctrl+C.
            await database.Driver.RunAsync(async () =>
            {
                await using IConnectionLease lease = await database.LeaseAsync(this, strand: null, StopToken);
            }).ConfigureAwait(false);
        }
        catch (ArgumentException) when (database.Driver is AdoDriver)
        {
            // Many providers parse a connection string only when they open a connection.
            throw DataErrors.ConnectionStringInvalid(ConnectionString is null
                ? $"{nameof(Provider)}: what it connects with"
                : nameof(ConnectionString));
        }
        catch (Exception e) when (database.Driver.Explain(e) is { } failure)
        {
            throw DataErrors.Failed(failure, e);
        }
    }
}
