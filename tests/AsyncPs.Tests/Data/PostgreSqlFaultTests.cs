using System.Management.Automation;
using AsyncPs.Data;
using AsyncPs.Data.Connections;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Faults of a server and of transactions.</summary>
public sealed class PostgreSqlFaultTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_and_comes_back_is_waited_for()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        ScriptRun run = Session.Start(
            "1..12 | Invoke-ConcurrentQuery $db 'select @x::int from pg_sleep(0.3)' -Scalar -RetryCount 40 -RetryDelay 100ms "
                + "-RetryBackoff Constant -AsResult");
        await Condition.UntilAsync(() => database.InUse == 6, "queries run");

        await Server.KillAsync();
        await Server.StartAsync();
        await run.EndAsync();

        Assert.Empty(run.Errors);
        var results = run.Output.Cast<AsyncPs.Concurrency.ConcurrentResult>().ToList();
        Assert.Equal(Enumerable.Range(1, 12), results.Select(static r => (int)r.Output.Single()!).Order());
        Assert.Contains(results, static r => r.Attempt > 1);
    }

    [Fact]
    public async Task Without_retries_a_lost_server_is_an_error_that_may_pass_and_the_next_call_is_fine()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        ScriptRun run = Session.Start("Invoke-ConcurrentQuery $db 'select pg_sleep(1000)'");
        await Condition.UntilAsync(() => database.InUse == 1, "the query runs");

        await Server.KillAsync();
        await Server.StartAsync();
        await run.EndAsync();

        var error = Assert.IsType<DatabaseException>(Assert.Single(run.Errors).Exception);
        Assert.True(error.IsTransient);
        Assert.Equal("7 0", await TextAsync("Invoke-ConcurrentQuery $db 'select 7' -Scalar -RetryCount 5 -RetryDelay 50ms; $db.InUse"));
    }

    [Fact]
    public async Task A_query_that_the_server_begins_after_it_was_canceled_does_not_run_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals.");
        Assert.Equal("TimedOut 0", await TextAsync("""
            $global:db = Connect-AsyncDatabase -PostgreSql "$server;No Reset On Close=true;Cancellation Timeout=100" -PoolSize 1
            $session = Invoke-ConcurrentQuery $db 'select pg_backend_pid()' -Scalar
            [Diagnostics.Process]::Start('kill', "-STOP $session").WaitForExit()
            try { "$((1 | Invoke-ConcurrentQuery $db 'select pg_sleep(@x::int + 1000)' -ItemTimeout 100ms -AsResult).Status)" }
            finally { [Diagnostics.Process]::Start('kill', "-CONT $session").WaitForExit() }
            for ($left = 1; $left -ne 0;) {
                $left = Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity where pid = @session" -Scalar -Parameter @{
                    session = $session
                }
            }
            $left
            """));
    }

    [Fact]
    public async Task A_server_that_has_stopped_answering_does_not_keep_Ctrl_C_waiting()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals.");
        var database = (AsyncDatabase)(await RunAsync(
            "$global:db = Connect-AsyncDatabase -PostgreSql \"$server;Timeout=300;Pooling=false\"; $db"))[0].BaseObject;
        await RunAsync("""
            $global:postmaster = (Invoke-ConcurrentQuery $db "select pg_read_file('postmaster.pid')" -Scalar).Split("`n")[0]
            [Diagnostics.Process]::Start('kill', "-STOP $postmaster").WaitForExit()
            """);
        try
        {
            ScriptRun run = Session.Start("Invoke-ConcurrentQuery $db 'select 1'");
            await Condition.UntilAsync(() => database.InUse == 1, "it connects");

            await run.StopAsync();

            await Condition.UntilAsync(() => database.InUse == 0, "the connection is given up");
        }
        finally
        {
            await RunAsync("[Diagnostics.Process]::Start('kill', \"-CONT $postmaster\").WaitForExit()");
        }
    }

    [Fact]
    public async Task A_server_without_a_free_connection_is_an_error_that_may_pass()
        => Assert.Equal("Failed DatabaseUnavailable 53300 True 0 60", await TextAsync($$"""
            $global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize {{PostgreSqlServer.MaxConnections * 2}}
            $held = for ($more = $true; $more;) {
                try {
                    $db.BeginTransactionAsync('ReadCommitted', [Threading.CancellationToken]::None).AsTask().GetAwaiter().GetResult()
                } catch { $more = $false }
            }
            $result = Invoke-ConcurrentQuery $db 'select 1' -AsResult
            "$($result.Status)"
            $result.Error[0].FullyQualifiedErrorId
            $result.Error[0].Exception.Code
            $result.Error[0].Exception.IsTransient
            foreach ($transaction in $held) { $null = $transaction.DisposeAsync().AsTask().GetAwaiter().GetResult() }
            $db.InUse
            (1..60 | Invoke-ConcurrentQuery $db 'select @x::int from pg_sleep(0.01)' -Scalar -RetryCount 50 -RetryDelay 50ms).Count
            """));

    [Fact]
    public async Task A_pool_whose_connections_all_wait_for_readers_is_not_taken_for_a_server_that_does_not_answer()
    {
        var database = (AsyncDatabase)(await RunAsync(
            "$global:db = Connect-AsyncDatabase -PostgreSql \"$server;Timeout=1\" -PoolSize 1; $db"))[0].BaseObject;
        List<ConnectionLease> leases = [];
        for (int i = 0; i < 8; i++)
        {
            ConnectionLease lease = await database.LeasePooledAsync(new object(), TestContext.Current.CancellationToken);
            await lease.AwaitReaderAsync(default);
            leases.Add(lease);
        }

        ErrorRecord error = Assert.Single(await ErrorsAsync("Invoke-ConcurrentQuery $db 'select 1'"));

        Assert.Equal("DatabaseUnavailable", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.True(Assert.IsType<DatabaseException>(error.Exception).IsTransient);
        Assert.Contains("-PoolSize", error.ToString(), StringComparison.Ordinal);
        foreach (ConnectionLease lease in leases)
        {
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_deadlock_is_tried_again()
        => Assert.Equal("2 True 2", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists locked;
                create table locked as select i as id, 0 as n from generate_series(1, 2) i'
            $results = @{ a = 1; b = 2 }, @{ a = 2; b = 1 } |
                Invoke-ConcurrentQuery $db 'update locked set n = n + 1 where id = @a; select pg_sleep(0.2);
                    update locked set n = n + 1 where id = @b' -RetryCount 10 -RetryDelay 10ms -AsResult
            ($results | ForEach-Object { if ($_.Status -eq 'Succeeded') { $_ } }).Count
            $results[0].Attempt + $results[1].Attempt -gt 2
            Invoke-ConcurrentQuery $db 'select min(n) from locked' -Scalar
            """));

    [Fact]
    public async Task Transactions_commit_roll_back_and_have_their_isolation_level()
        => Assert.Equal("repeatable read 2 rolled back 2 0 0", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists moved; create table moved (i int primary key)'
            Use-AsyncResource $db -Transaction -IsolationLevel RepeatableRead {
                $null = 1..2 | Invoke-ConcurrentQuery $_ 'insert into moved values (@i)'
                Invoke-ConcurrentQuery $_ 'show transaction_isolation' -Scalar
            }
            Invoke-ConcurrentQuery $db 'select count(*) from moved' -Scalar
            try {
                Use-AsyncResource $db -Transaction {
                    $null = Invoke-ConcurrentQuery $_ 'insert into moved values (3)'
                    $null = Invoke-ConcurrentQuery $_ 'insert into moved values (1)' -ErrorAction SilentlyContinue
                }
            } catch { 'rolled back' }
            Invoke-ConcurrentQuery $db 'select count(*) from moved' -Scalar
            $db.InUse
            Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity where state like 'idle in transaction%'" -Scalar
            """));

    [Fact]
    public async Task A_transaction_under_a_time_out_and_one_that_is_stopped_leave_nothing_behind()
    {
        var database = (AsyncDatabase)(await RunAsync(
            Db + "$null = Invoke-ConcurrentQuery $db 'drop table if exists left_over; create table left_over (i int)'; $db"))[0].BaseObject;
        Assert.Equal(
            "late",
            await TextAsync(
                "try { Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into left_over values (1)'; "
                    + "Invoke-ConcurrentQuery $_ 'select pg_sleep(1000)' } -Timeout 300ms } catch { 'late' }"));

        ScriptRun run = Session.Start(
            "Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into left_over values (1)'; "
                + "Invoke-ConcurrentQuery $_ 'select pg_sleep(1000)' }");
        await Condition.UntilAsync(() => database.InUse == 1, "the transaction has begun");
        await run.StopAsync();

        await Condition.UntilAsync(() => database.InUse == 0, "the connection is free");
        Assert.Equal("0 0", await TextAsync("""
            Invoke-ConcurrentQuery $db 'select count(*) from left_over' -Scalar
            Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity where state like 'idle in transaction%'
                or query like '%pg_sleep(1000)%' and pid <> pg_backend_pid() and state = 'active'" -Scalar
            """));
    }
}
