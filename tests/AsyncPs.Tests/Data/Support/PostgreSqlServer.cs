using Xunit;

namespace AsyncPs.Tests.Data.Support;

/// <summary>A PostgreSQL server for all tests. Without an installed PostgreSQL, tests are skipped.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private PostgreSqlCluster? _cluster;

    /// <summary>The largest number of connections.</summary>
    public const int MaxConnections = 30;

    /// <summary>Why no server can run here, or null.</summary>
    public string? Missing { get; } = PostgreSqlCluster.FindMissing();

    public string ConnectionString => _cluster!.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            _cluster = await PostgreSqlCluster.CreateAsync($"-c fsync=off -c max_connections={MaxConnections} -c deadlock_timeout=20ms");
        }
    }

    public Task StartAsync() => _cluster!.StartAsync();

    /// <summary>Crashes it: sessions end at once.</summary>
    public Task KillAsync() => _cluster!.KillAsync();

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? default;
}

/// <summary>Tests that share the server. They run one at a time, because some end it.</summary>
[CollectionDefinition(nameof(PostgreSqlTests))]
public sealed class PostgreSqlTests : ICollectionFixture<PostgreSqlServer>;

/// <summary>A session with <c>$db</c> on the server.</summary>
[Collection(nameof(PostgreSqlTests))]
public abstract class PostgreSqlTest : DataTest
{
    protected PostgreSqlTest(PostgreSqlServer server)
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        Server = server;
        Session.Set("server", server.ConnectionString);
    }

    protected const string Db = "$global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize 6\n";

    protected PostgreSqlServer Server { get; }

    protected override void Dispose(bool disposing)
    {
        Session.RunAsync("if ($db) { $db.Dispose() }").GetAwaiter().GetResult();
        base.Dispose(disposing);
    }
}
