using AsyncPs.Tests.Data.Support;
using Npgsql;

namespace AsyncPs.Bench.Databases;

/// <summary>
/// The PostgreSQL server for all, with the tables of pgbench. It starts when it is first needed, and ends with this process.
/// </summary>
internal sealed class DatabaseServer
{
    /// <summary>How many rows the table of look-ups has.</summary>
    public const int Accounts = 100_000;

    private static readonly Lazy<DatabaseServer> Instance = new(static () => new DatabaseServer());

    private readonly PostgreSqlCluster _cluster;

    private DatabaseServer()
    {
        // Disks are not measured.
        _cluster = PostgreSqlCluster.CreateAsync("-c fsync=off -c max_wal_size=8GB -c checkpoint_timeout=1h").GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Source = NpgsqlDataSource.Create(_cluster.ConnectionString + ";Maximum Pool Size=64");
        Execute("create table pgbench_branches as select 1 as bid");
        Execute($"create table pgbench_accounts as select i as aid, 0 as abalance from generate_series(1, {Accounts}) i");
        Execute("alter table pgbench_accounts add primary key (aid)");
        Execute("vacuum analyze pgbench_accounts");
    }

    /// <summary>The server of all benchmarks.</summary>
    public static DatabaseServer Shared => Instance.Value;

    /// <summary>Why no server can run here, or null.</summary>
    public static string? Missing { get; } = PostgreSqlCluster.FindMissing();

    /// <summary>Its address.</summary>
    public int Port => _cluster.Port;

    /// <summary>Connections without the module.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>A session with both modules and <c>$db</c>.</summary>
    public Session NewSession(int poolSize)
    {
        var session = new Session();
        session.Run($"Import-Module '{Session.DataModulePath}'");
        session.Set("server", _cluster.ConnectionString);
        session.Run($"$global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize {poolSize}");
        return session;
    }

    /// <summary>Runs a statement.</summary>
    public void Execute(string sql)
    {
        using NpgsqlCommand command = Source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }
}
