using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using AsyncPs.Data;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Queries on SQLite: values, rows, order, limits, failures, stopping.</summary>
public sealed class SqliteQueryTests : DataTest
{
    private const string Db = """
        $global:db = Connect-AsyncDatabase -Sqlite :memory:
        $null = Invoke-ConcurrentQuery $db 'create table item (id integer primary key, name text, price real)'

        """;

    // A million numbers, one at a time.
    private const string Numbers = "with recursive r(i) as (select 1 union all select i + 1 from r where i < 1000000) select i from r";
    private const string EndlessRows = "with recursive r(i) as (select 1 union all select i + 1 from r) select i from r";
    private const string Endless = "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r";

    [Fact]
    public async Task Values_come_from_properties_keys_plain_values_and_the_parameter()
    {
        string text = await TextAsync(Db + """
            [pscustomobject]@{ ID = 1; Name = 'a' } |
                Invoke-ConcurrentQuery $db 'insert into item values (@id, @name, @price)' -Parameter @{ price = 1.5 } -NonQuery
            @{ id = 2; name = 'b'; price = 9 } |
                Invoke-ConcurrentQuery $db 'insert into item values (@id, @name, @price)' -Parameter @{ '@price' = $null } -NonQuery
            3 | Invoke-ConcurrentQuery $db 'insert into item values (@id, null, null)' -NonQuery
            Invoke-ConcurrentQuery $db 'select * from item order by id' |
                ForEach-Object { "$($_.id)/$($_.name)/$($_.price)/$($null -eq $_.price)" }
            """);

        Assert.Equal("1 1 1 1/a/1.5/False 2/b//True 3///True", text);
    }

    [Fact]
    public async Task A_value_that_looks_like_SQL_stays_a_value()
        => Assert.Equal("'; drop table item; -- 0", await TextAsync(Db + """
            $evil = "'; drop table item; --"
            Invoke-ConcurrentQuery $db 'select @x' -Parameter @{ x = $evil } -Scalar
            Invoke-ConcurrentQuery $db 'select count(*) from item where name = @x' -Parameter @{ x = $evil } -Scalar
            """));

    [Fact]
    public async Task What_is_an_operator_of_PostgreSQL_only_is_none_here()
        => Assert.Equal(
            "1 -6",
            await TextAsync(
                Db + "Invoke-ConcurrentQuery $db 'select 4<@x as a, ~@x as b' -Parameter @{ x = 5 } | ForEach-Object { $_.a; $_.b }"));

    [Theory]
    [InlineData("select :x")]
    [InlineData("select $x")]
    [InlineData("select ?")]
    public async Task A_parameter_that_is_written_otherwise_is_said_to_be(string query)
    {
        Session.Set("query", query);

        ErrorRecord error = Assert.Single(await ErrorsAsync(Db + "Invoke-ConcurrentQuery $db $query"));

        Assert.Equal("QueryFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("@name", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_several_sets_come_one_after_the_other_and_columns_have_names_of_their_own()
    {
        IReadOnlyList<PSObject> rows = await RunAsync(Db + "Invoke-ConcurrentQuery $db 'select 1 as a, 2 as A, 3 as a; select 4 as b'");

        Assert.Equal(["a", "A_2", "a_3"], rows[0].Properties.Select(static p => p.Name));
        Assert.Equal(4L, rows[1].Properties["b"].Value);
    }

    [Fact]
    public async Task Scalar_is_one_value_an_execution_and_nothing_where_there_is_no_row()
        => Assert.Equal("4 null 1", await TextAsync(Db + $"""
            Invoke-ConcurrentQuery $db 'select @x * 2 union all select 0' -Parameter @{"{"} x = 2 {"}"} -Scalar
            Invoke-ConcurrentQuery $db 'select null' -Scalar
            Invoke-ConcurrentQuery $db 'select 1 where 0' -Scalar
            Invoke-ConcurrentQuery $db '{Numbers}' -Scalar
            """));

    [Fact]
    public async Task Results_are_in_input_order_when_asked_for()
        => Assert.Equal(
            string.Join(' ', Enumerable.Range(1, 200)),
            await TextAsync(Db + "1..200 | Invoke-ConcurrentQuery $db 'select @x' -Scalar -Ordered -ThrottleLimit 16"));

    [Fact]
    public async Task A_failure_is_that_of_its_item_alone_and_names_it()
    {
        ScriptRun run = await Session.RunAsync(Db + """
            1, 2, 1, 3 | Invoke-ConcurrentQuery $db 'insert into item (id) values (@id)' -NonQuery -ThrottleLimit 1
            Invoke-ConcurrentQuery $db 'selec'
            [pscustomobject]@{ a = 1 } | Invoke-ConcurrentQuery $db 'select @a, @b'
            1 | Invoke-ConcurrentQuery $db 'select @a, @b'
            Invoke-ConcurrentQuery $db 'select @x' -Parameter @{ x = [Threading.Thread]::CurrentThread }
            Invoke-ConcurrentQuery $db 'select @x' -Parameter @{ x = [uint64]::MaxValue }
            """);

        Assert.Equal([1, 1, 1], run.Output);
        Assert.Equal(
            [
                "QueryFailed 1", "QueryFailed ", "QueryParameterMissing @{a=1}", "QueryParameterMissing 1", "QueryParameterInvalid ",
                "QueryParameterInvalid ",
            ],
            run.Errors.Select(static e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.Equal("19", Assert.IsType<DatabaseException>(run.Errors[0].Exception).Code);
    }

    [Theory]
    [InlineData("Invoke-ConcurrentQuery $db 'select @a'", "QueryParameterMissing")]
    [InlineData("Invoke-ConcurrentQuery $db 'select 1' -Parameter @{ a = 1 }", "QueryParameterUnknown")]
    [InlineData("Invoke-ConcurrentQuery 'db' 'select 1'", "NotADatabase")]
    [InlineData("Invoke-ConcurrentQuery $db 'select 1' -Scalar -NonQuery", "DatabaseArgumentInvalid")]
    [InlineData("Connect-AsyncDatabase -Sqlite $folder/none/x.db", "DatabaseDirectoryNotFound")]
    [InlineData("Connect-AsyncDatabase -Sqlite $folder/none.db -ReadOnly", "DatabaseFileNotFound")]
    [InlineData("Connect-AsyncDatabase -Sqlite :memory: -ReadOnly", "DatabaseArgumentInvalid")]
    [InlineData("Connect-AsyncDatabase -Provider 1", "NotAProvider")]
    [InlineData("Connect-AsyncDatabase -PostgreSql 'Host=x;Nonsense=1;Password=s3cret'", "ConnectionStringInvalid")]
    [InlineData("Connect-AsyncDatabase -PostgreSql 'Host=x;Password=me;s3cret=1'", "ConnectionStringInvalid")]
    [InlineData("Connect-AsyncDatabase -PostgreSql 'postgres://me:s3cret@host/shop?sslmode=require'", "ConnectionStringInvalid")]
    [InlineData("Connect-AsyncDatabase -PostgreSql 'Host=127.0.0.1;Port=1;Password=s3cret'", "DatabaseUnavailable")]
    public async Task Bad_arguments_fail_before_anything_runs(string statement, string id)
    {
        ErrorRecord error = await Session.FailAsync(Db + $"try {{ {statement} }} catch {{ throw }}");

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.DoesNotContain("s3cret", error.ToString() + error.Exception, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_said_to_be_none()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "text.db"), new string('x', 5000), TestContext.Current.CancellationToken);

        Assert.Equal(
            "DatabaseUnavailable",
            (await Session.FailStatementAsync("Connect-AsyncDatabase -Sqlite $folder/text.db")).FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public async Task An_endless_query_ends_with_its_time_and_the_connection_is_used_again()
    {
        ScriptRun run = await Session.RunAsync(Db + $"""
            Invoke-ConcurrentQuery $db '{Endless}' -ItemTimeout 50ms
            (1..2 | Invoke-ConcurrentQuery $db '{Endless} where i > @x' -ItemTimeout 50ms -AsResult).Status
            Invoke-ConcurrentQuery $db 'select 7' -Scalar
            "$($db.InUse)"
            """);

        Assert.Equal("ItemTimedOut", Assert.Single(run.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["TimedOut", "TimedOut", "7", "0"], run.Records.Select(static o => o.ToString()));
    }

    [Fact]
    public async Task Stopping_ends_what_runs()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        ScriptRun run = Session.Start($"Invoke-ConcurrentQuery $db '{Endless}'");
        await Condition.UntilAsync(() => database.InUse == 1, "the query runs");

        await run.StopAsync();

        await Condition.UntilAsync(() => database.InUse == 0, "the connection is free");
    }

    [Fact]
    public async Task A_reader_that_has_enough_ends_the_query()
        => Assert.Equal("1 2 0", await TextAsync(Db + $$"""
            & { foreach ($_ in 1) { Invoke-ConcurrentQuery $db '{{Numbers}}' | ForEach-Object { $_.i; if ($_.i -eq 2) { break } } } }
            $db.InUse
            """));

    [Fact]
    public async Task Queries_that_feed_each_other_on_one_connection_get_on()
        => Assert.Equal("3000", await TextAsync("""
            $db = Connect-AsyncDatabase -Sqlite $folder/chain.db -PoolSize 1
            $null = Invoke-ConcurrentQuery $db 'create table t (i integer)'
            $null = Invoke-ConcurrentQuery $db 'with recursive r(i) as (select 1 union all select i + 1 from r where i < 3000)
                insert into t select i from r'
            $done = Invoke-ConcurrentQuery $db 'select i from t' | Invoke-ConcurrentQuery $db 'select @i as i' |
                Invoke-ConcurrentQuery $db 'select @i as i' -Scalar
            $done.Count
            """));

    [Fact]
    public async Task Writers_take_turns_and_none_finds_the_file_busy()
        => Assert.Equal("500 500", await TextAsync("""
            $db = Connect-AsyncDatabase -Sqlite $folder/write.db -PoolSize 8
            $null = Invoke-ConcurrentQuery $db 'create table t (i integer)'
            (1..500 | Invoke-ConcurrentQuery $db 'insert into t values (@i) returning i').Count
            Invoke-ConcurrentQuery $db 'select count(*) from t' -Scalar
            """));

    [Fact]
    public async Task A_busy_file_is_waited_for_and_then_an_error_that_may_pass()
    {
        IReadOnlyList<PSObject> errors = await RunAsync("""
            $first = Connect-AsyncDatabase -Sqlite $folder/busy.db -PoolSize 1
            $null = Invoke-ConcurrentQuery $first 'create table t (i integer)'
            $second = Connect-AsyncDatabase -Sqlite $folder/busy.db -BusyTimeout 0
            Use-AsyncResource $first -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'insert into t values (1)'
                Invoke-ConcurrentQuery $second 'insert into t values (2)' -ErrorAction SilentlyContinue -ErrorVariable busy
            }
            $busy[0].Exception
            """);

        var error = Assert.IsType<DatabaseException>(Assert.Single(errors).BaseObject);
        Assert.Equal("5", error.Code);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task A_file_that_is_in_use_is_waited_for_when_it_is_opened_too()
    {
        await RunAsync("""
            (Connect-AsyncDatabase -Sqlite :memory:).Dispose()
            $assembly = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'Microsoft.Data.Sqlite' }[0]
            $global:other = $assembly.GetType('Microsoft.Data.Sqlite.SqliteFactory').GetField('Instance').GetValue($null).CreateConnection()
            $other.ConnectionString = "Data Source=$folder/busy.db;Pooling=false"
            $other.Open()
            $command = $other.CreateCommand()
            $command.CommandText = 'create table t (i integer); begin exclusive'
            $null = $command.ExecuteNonQuery()
            """);
        long startedAt = Stopwatch.GetTimestamp();

        ErrorRecord error = await Session.FailStatementAsync("Connect-AsyncDatabase -Sqlite $folder/busy.db -BusyTimeout 2");

        Assert.True(Stopwatch.GetElapsedTime(startedAt) >= TimeSpan.FromSeconds(2), "It has given up too early.");
        Assert.Equal("5", Assert.IsType<DatabaseException>(error.Exception).Code);
        await RunAsync("$other.Dispose()");
    }

    [Theory]
    [InlineData("pragma foreign_keys = off", "select * from pragma_foreign_keys", 1L)]
    [InlineData("create temp table mine (i integer)", "select count(*) from sqlite_temp_master", 0L)]
    [InlineData("attach ':memory:' as other", "select count(*) from pragma_database_list where name = 'other'", 0L)]
    public async Task A_connection_that_somebody_has_changed_is_like_new_for_the_next(string change, string look, long found)
    {
        Session.Set("change", change);
        Session.Set("look", look);

        Assert.Equal($"{found} {found} 7", await TextAsync("""
            foreach ($file in "$folder/changed.db", ':memory:') {
                $db = Connect-AsyncDatabase -Sqlite $file -PoolSize 1
                $null = Invoke-ConcurrentQuery $db 'create table kept as select 7 as n'
                $null = Invoke-ConcurrentQuery $db $change
                Invoke-ConcurrentQuery $db $look -Scalar
            }

            Invoke-ConcurrentQuery $db 'select n from kept' -Scalar
            """));
    }

    [Fact]
    public async Task A_connection_is_as_it_was_left_for_the_rest_of_a_call_and_of_a_transaction()
        => Assert.Equal("1 2 0 0", await TextAsync(Db + """
            1, 2 |
                Invoke-ConcurrentQuery $db 'create temp table if not exists mine (i integer);
                    insert into mine values (@x); select count(*) from mine' -Scalar -ThrottleLimit 1
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'create temp table mine (i integer)'
                Invoke-ConcurrentQuery $_ 'select count(*) from mine' -Scalar
            }
            Invoke-ConcurrentQuery $db 'select count(*) from sqlite_temp_master' -Scalar
            """));

    [Fact]
    public async Task A_read_only_database_is_not_written_to()
        => Assert.Equal("8", Assert.IsType<DatabaseException>(Assert.Single(await ErrorsAsync("""
            (Connect-AsyncDatabase -Sqlite $folder/ro.db).Dispose()
            Invoke-ConcurrentQuery (Connect-AsyncDatabase -Sqlite $folder/ro.db -ReadOnly) 'create table t (i integer)'
            """)).Exception).Code);

    [Fact]
    public async Task A_closed_database_says_so_and_lets_go_of_its_file()
    {
        ErrorRecord[] errors = await ErrorsAsync("""
            $db = Connect-AsyncDatabase -Sqlite $folder/closed.db
            $null = 1..20 | Invoke-ConcurrentQuery $db 'select @x' -Scalar
            $db.Dispose()
            $db.Dispose()
            if ($db.Open -ne 0) { throw "open: $($db.Open)" }
            [IO.File]::Delete("$folder/closed.db")
            Invoke-ConcurrentQuery $db 'select 1'
            """);

        Assert.Equal("DatabaseClosed", Assert.Single(errors).FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public async Task No_thread_is_held_while_rows_wait_for_their_reader()
    {
        // Four streams on one thread, read in turns.
        Assert.Equal("2000", await TextAsync("""
            $db = Connect-AsyncDatabase -Sqlite $folder/threads.db -PoolSize 1
            $rows = 1..4 |
                Invoke-ConcurrentQuery $db 'with recursive r(i) as (select 1 union all select i + 1 from r where i < 500)
                    select i + @n as n from r' -ThrottleLimit 4
            $rows.Count
            """));
    }

    [Fact]
    public async Task Rows_that_are_read_away_are_kept_by_nobody_while_the_query_runs()
    {
        var watch = new RowWatch();
        Session.Set("watch", watch);

        // Requested in the middle of an endless result.
        Assert.Equal("500", await TextAsync(Db + $$"""
            foreach ($once in 1) {
                Invoke-ConcurrentQuery $db '{{EndlessRows}}' | . {
                    process {
                        if ($_.i % 100 -eq 0) { $watch.Add($_) }
                        if ($_.i -eq 50000) { $watch.Count; $global:kept = $watch.CountKept(); break }
                    }
                }
            }
            """));

        Assert.InRange(int.Parse(await TextAsync("$kept"), CultureInfo.InvariantCulture), 0, 50);
    }

    [Fact]
    public async Task A_provider_of_ones_own_works_alike()
        => Assert.Equal("1 2 3 x", await TextAsync("""
            $assembly = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'Microsoft.Data.Sqlite' }[0]
            if (-not $assembly) {
                (Connect-AsyncDatabase -Sqlite :memory:).Dispose()
                $assembly = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'Microsoft.Data.Sqlite' }[0]
            }
            $factory = $assembly.GetType('Microsoft.Data.Sqlite.SqliteFactory').GetField('Instance').GetValue($null)
            $own = Connect-AsyncDatabase -Provider $factory -ConnectionString "Data Source=$folder/own.db"
            1..3 | Invoke-ConcurrentQuery $own 'select @x' -Scalar -Ordered
            Invoke-ConcurrentQuery $own 'select @x as x' -Parameter @{ x = 'x' } | ForEach-Object x
            $own.Dispose()
            """));
}
