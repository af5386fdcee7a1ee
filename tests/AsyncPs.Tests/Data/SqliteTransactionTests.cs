using System.Data;
using AsyncPs.Data;
using AsyncPs.Data.Connections;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Use-AsyncResource -Transaction on SQLite: commit, rollback, and the release of the connection.</summary>
public sealed class SqliteTransactionTests : DataTest
{
    private const string Db = """
        $global:db = Connect-AsyncDatabase -Sqlite $folder/t.db
        $null = Invoke-ConcurrentQuery $db 'create table t (i integer primary key)'

        """;

    private const string Count = "Invoke-ConcurrentQuery $db 'select count(*) from t' -Scalar; $db.InUse";

    [Fact]
    public async Task A_block_that_succeeds_is_committed()
        => Assert.Equal("1 1 2 2 0", await TextAsync(Db + """
            Use-AsyncResource $db -Transaction {
                1..2 | Invoke-ConcurrentQuery $_ 'insert into t values (@i)' -NonQuery
                Invoke-ConcurrentQuery $_ 'select count(*) from t' -Scalar
            }

            """ + Count));

    [Theory]
    [InlineData("throw 'no'")]
    [InlineData("Invoke-ConcurrentQuery $_ 'insert into t values (1)'")]
    [InlineData("Invoke-ConcurrentQuery $_ 'insert into t values (1)' -ErrorAction Stop")]
    [InlineData("while ($true) { }")]
    public async Task A_block_that_fails_or_takes_too_long_is_rolled_back(string failure)
        => Assert.Equal("failed 0 0 3", await TextAsync(Db + $$"""
            try {
                Use-AsyncResource $db -Transaction {
                    $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'; {{failure}}
                } -Timeout 2 -ErrorAction SilentlyContinue
            } catch { 'failed' }
            {{Count}}
            Invoke-ConcurrentQuery $db 'insert into t values (3) returning i' -Scalar
            """.Replace(
                "-Timeout 2",
                failure.Contains("while", StringComparison.Ordinal) ? "-Timeout 100ms" : "",
                StringComparison.Ordinal)));

    [Fact]
    public async Task Ctrl_C_rolls_back()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        ScriptRun run = Session.Start(
            "Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'; while ($true) { } }");
        await Condition.UntilAsync(() => database.InUse == 1, "the transaction has begun");

        await run.StopAsync();

        await Condition.UntilAsync(() => database.InUse == 0, "the connection is free");
        Assert.Equal("0 0", await TextAsync(Count));
    }

    [Fact]
    public async Task Ctrl_C_at_the_moment_the_block_begins_rolls_back()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        var random = new Random(1);
        for (int i = 0; i < 50; i++)
        {
            ScriptRun run = Session.Start(
                "Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'; while ($true) { } }");
            await Condition.UntilAsync(() => database.InUse == 1, "the transaction has begun");
            Thread.SpinWait(random.Next(100_000));

            await run.StopAsync();

            await Condition.UntilAsync(() => database.InUse == 0, "the connection is free");
        }

        Assert.Equal("0 0", await TextAsync(Count));
    }

    [Fact]
    public async Task What_is_not_in_the_transaction_does_not_see_it_and_writers_wait_for_it()
        => Assert.Equal("0 False 2", await TextAsync(Db + """
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'
                Invoke-ConcurrentQuery $db 'select count(*) from t' -Scalar
                $other = Invoke-ConcurrentQuery $db 'insert into t values (2)' -ItemTimeout 50ms -AsResult
                $other.Status -eq 'Succeeded'
            }
            $null = Invoke-ConcurrentQuery $db 'insert into t values (2)'
            Invoke-ConcurrentQuery $db 'select count(*) from t' -Scalar
            """));

    [Theory]
    [InlineData("Invoke-ConcurrentQuery $db 'insert into t values (2)' -ErrorAction Stop")]
    [InlineData("[pscustomobject] @{ i = 2 } | Import-ConcurrentData $db t -ErrorAction Stop")]
    [InlineData("[pscustomobject] @{ i = 2 } | Import-ConcurrentData $db t -AllOrNothing")]
    [InlineData("Use-AsyncResource $db -Transaction { }")]
    [InlineData("1 | Invoke-Concurrent { Invoke-ConcurrentQuery $db 'insert into t values (2)' -ErrorAction Stop } -ErrorAction Stop")]
    [InlineData("1 | Invoke-Concurrent { 1 | Invoke-Concurrent { Use-AsyncResource $db -Transaction { } } -ErrorAction Stop } "
        + "-ErrorAction Stop")]
    public async Task What_would_wait_for_the_transaction_that_it_is_in_is_an_error_that_says_so(string statement)
        => Assert.Equal("DatabaseInTransaction 0 1 0", await TextAsync(Db + $$"""
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'
                try { {{statement}} } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
                Invoke-ConcurrentQuery $db 'select count(*) from t' -Scalar
            }

            """ + Count));

    [Fact]
    public async Task A_transaction_that_has_all_connections_is_not_waited_for_by_what_is_in_it()
        => Assert.Equal("DatabaseInTransaction 1", await TextAsync("""
            $global:db = Connect-AsyncDatabase -Sqlite $folder/t.db -PoolSize 1
            Use-AsyncResource $db -Transaction {
                try { Invoke-ConcurrentQuery $db 'select 1' -Scalar } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            }
            Invoke-ConcurrentQuery $db 'select 1' -Scalar
            """));

    [Theory]
    [InlineData("Invoke-ConcurrentQuery $db 'insert into t values (@i) returning i' -Scalar")]
    [InlineData("Invoke-Concurrent { Invoke-ConcurrentQuery $db 'insert into t values (@i) returning i' -Parameter @{ i = $_ } -Scalar } "
        + "-ThrottleLimit 4")]
    public async Task What_was_begun_before_a_transaction_waits_for_it(string before)
        => Assert.Equal("400 0", await TextAsync(Db + $$"""
            1..200 | {{before}} | ForEach-Object {
                $i = $_ + 200
                Use-AsyncResource $db -Transaction { $null = Invoke-ConcurrentQuery $_ 'insert into t values (@i)' -Parameter @{ i = $i } }
            }

            """ + Count));

    [Fact]
    public async Task Rows_that_wait_for_a_query_in_the_same_transaction_are_an_error_rather_than_a_wait_for_ever()
    {
        ScriptRun run = await Session.RunAsync(Db + """
            try {
                Use-AsyncResource $db -Transaction {
                    $transaction = $_
                    $rows = 'with recursive r(i) as (select 1 union all select i + 1 from r where i < 5000) select i from r'
                    Invoke-ConcurrentQuery $transaction $rows | Invoke-ConcurrentQuery $transaction 'select @i as i' -Scalar -FailFast
                }
            } catch { "$($_.Exception)" }
            """);

        Assert.Contains("still returns the rows", string.Join(' ', run.Records), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_not_closed_under_a_query_that_is_still_at_it()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        var transaction = (AsyncTransaction)await database.BeginTransactionAsync(
            IsolationLevel.Unspecified,
            TestContext.Current.CancellationToken);
        IConnectionLease query = await transaction.LeaseAsync(this, strand: null, TestContext.Current.CancellationToken);

        await transaction.DisposeAsync();

        Assert.Equal(ConnectionState.Open, query.Connection.State);
        Assert.NotNull(query.Transaction!.Connection);
        await query.DisposeAsync();
        await Condition.UntilAsync(() => database.InUse == 0, "the connection is free");
        Assert.Equal("1", await TextAsync("Invoke-ConcurrentQuery $db 'insert into t values (1) returning i' -Scalar"));
    }

    [Fact]
    public async Task What_follows_a_transaction_is_not_taken_for_a_part_of_it_while_its_last_query_ends()
    {
        await RunAsync(
            "$global:db = Connect-AsyncDatabase -Sqlite $folder/t.db -PoolSize 1; $global:left = $db.BeginTransactionAsync('Unspecified', "
                + "[Threading.CancellationToken]::None).AsTask().GetAwaiter().GetResult()");
        var transaction = (AsyncTransaction)(await RunAsync("$left"))[0].BaseObject;
        IConnectionLease query = await transaction.LeaseAsync(this, strand: null, TestContext.Current.CancellationToken);

        Assert.Equal("TimedOut", await TextAsync("""
            $null = $left.DisposeAsync().AsTask().GetAwaiter().GetResult()
            "$((Invoke-ConcurrentQuery $db 'select 1' -ItemTimeout 50ms -AsResult).Status)"
            """));

        await query.DisposeAsync();
        Assert.Equal("1", await TextAsync("Invoke-ConcurrentQuery $db 'select 1' -Scalar"));
    }

    [Fact]
    public async Task A_job_of_a_block_in_a_transaction_waits_for_it()
        => Assert.Equal("2 0", await TextAsync(Db + """
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'
                $global:job = Start-Throttled { $probe.Produce(); Invoke-ConcurrentQuery $db 'insert into t values (2)' -ErrorAction Stop }
                while ($probe.Produced -eq 0) { }
            }
            $null = Wait-WithTimeout $job -Timeout 60

            """ + Count));

    [Fact]
    public async Task A_transaction_that_is_over_says_so()
        => Assert.Equal("TransactionEnded", Assert.Single(await ErrorsAsync(Db + """
            Use-AsyncResource $db -Transaction { $global:kept = $_ }
            Invoke-ConcurrentQuery $kept 'select 1'
            """)).FullyQualifiedErrorId.Split(',')[0]);

    [Fact]
    public async Task Many_transactions_wait_for_each_other()
        => Assert.Equal("40 0", await TextAsync(Db + """
            1..40 | Invoke-Concurrent {
                $i = $_
                Use-AsyncResource $db -Transaction {
                    $null = Invoke-ConcurrentQuery $_ 'insert into t values (@i)' -Parameter @{ i = $i }
                }
            } -ThrottleLimit 8

            """ + Count));
}
