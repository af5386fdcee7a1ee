using AsyncPs.Data;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Queries, loads, transactions, errors and stops on a real MariaDB.</summary>
[Collection(nameof(Support.MySqlTests))]
public sealed class MySqlDatabaseTests : DataTest
{
    private const string Db = "$global:db = Connect-AsyncDatabase -MySql $server -PoolSize 6\n";

    // A numeric without a scale has none here.
    private static readonly string Import = Db
        + ImportScripts.Table.Replace("price numeric,", "price numeric(10, 2),", StringComparison.Ordinal);

    public MySqlDatabaseTests(MySqlServer server)
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        Session.Set("server", server.ConnectionString);
    }

    protected override void Dispose(bool disposing)
    {
        Session.RunAsync("if ($db) { $db.Dispose() }").GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    [Theory]
    [InlineData("cast(7 as signed)", "Int32 7")]
    [InlineData("1.50", "Decimal 1.50")]
    [InlineData("12345678901234567890123456789012345.5", "String 12345678901234567890123456789012345.5")]
    [InlineData("cast(123456789012345678901234567890123 as decimal(40))", "BigInteger 123456789012345678901234567890123")]
    [InlineData("0.5e0", "Double 0.5")]
    [InlineData("'ü'", "String ü")]
    [InlineData("x'dead'", "Byte[] 222 173")]
    [InlineData("timestamp '2026-01-02 03:04:05'", "DateTime 01/02/2026 03:04:05")]
    [InlineData("date '2026-01-02'", "DateOnly 01/02/2026")]
    [InlineData("cast('0000-00-00' as date)", "String 0000-00-00")]
    [InlineData("time '34:00:00'", "TimeSpan 1.10:00:00")]
    [InlineData("18446744073709551615", "UInt64 18446744073709551615")]
    public async Task Values_come_back_as_those_of_dotnet(string expression, string shown)
    {
        Session.Set("query", $"set sql_mode = ''; select {expression} as value, null as nothing");

        Assert.Equal(shown + " True", await TextAsync(Db + """
            $row = Invoke-ConcurrentQuery $db $query
            $value = if ($row.value -is [array]) { $row.value -join ' ' } else {
                [string]::Format([cultureinfo]::InvariantCulture, '{0}', $row.value)
            }
            "$($row.value.GetType().Name) $value $($null -eq $row.nothing)"
            """));
    }

    [Theory]
    [InlineData("1.5d", "decimal(10, 2)", "1.50")]
    [InlineData("'12'", "int", "12")]
    [InlineData("[bigint]::Parse('123456789012345678901234567890')", "decimal(40)", "123456789012345678901234567890")]
    [InlineData("[guid]'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'", "char(36)", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]
    [InlineData("[datetime]'2026-01-02 03:04:05.123456'", "datetime(6)", "2026-01-02 03:04:05.123456")]
    [InlineData("[datetimeoffset]'2026-01-02 03:04:05+02:00'", "datetime", "2026-01-02 01:04:05")]
    [InlineData("[DateOnly]'2026-01-02'", "date", "2026-01-02")]
    [InlineData("[timespan]'01:02:03'", "time", "01:02:03")]
    [InlineData("$true", "tinyint(1)", "1")]
    [InlineData("[dayofweek]::Monday", "text", "Monday")]
    [InlineData("[byte[]] (65, 66)", "blob", "AB")]
    [InlineData("@{ a = 1, 'b' }", "longtext", "{\"a\":[1,\"b\"]}")]
    [InlineData("\"x'; drop table stored; -- \\`ü€`t`n\"", "text", "x'; drop table stored; -- \\ü€\t\n")]
    [InlineData("$null", "int", null)]
    public async Task A_query_and_a_load_store_the_same_value(string value, string type, string? stored)
        => Assert.Equal($"2 {(stored is null ? 0 : 1)} {stored}".TrimEnd(' '), (await TextAsync(Db + $$"""
            $null = Invoke-ConcurrentQuery $db 'create or replace table stored (id int, v {{type}})' -NonQuery
            $value = {{value}}
            $null = [pscustomobject]@{ id = 1; v = $value } | Invoke-ConcurrentQuery $db 'insert into stored values (@id, @v)' -NonQuery
            $null = [pscustomobject]@{ id = 2; v = $value } | Import-ConcurrentData $db stored
            Invoke-ConcurrentQuery $db 'select count(*) from stored' -Scalar
            Invoke-ConcurrentQuery $db 'select count(distinct v) from stored' -Scalar
            $v = Invoke-ConcurrentQuery $db 'select distinct cast(v as char) as t from stored' -Scalar
            if ($null -ne $v) { $v }
            """)).TrimEnd(' '));

    [Fact]
    public async Task Rows_are_loaded_by_the_names_of_their_properties()
        => Assert.Equal(
            "2500 0 loaded 2500/3126250/0 n7 True none 2",
            await TextAsync(Import + ImportScripts.Good[ImportScripts.Table.Length..]));

    [Fact]
    public async Task Bad_rows_are_reported_with_their_number_and_the_rest_is_kept()
        => Assert.Equal(
            "17 3 RowNotLoaded 5 5 RowNotLoaded 10 3 RowNotLoaded 20 20 17/175/0",
            await TextAsync(Import + ImportScripts.Bad[ImportScripts.Table.Length..]));

    [Fact]
    public async Task All_or_nothing_keeps_nothing_of_a_load_with_a_bad_row()
        => Assert.Equal(
            "FailFast RowNotLoaded 15 0/0/0 rolled back 0/0/0 20 20/210/0",
            await TextAsync(Import + ImportScripts.AllOrNothing[ImportScripts.Table.Length..]));

    [Fact]
    public async Task What_the_server_would_change_or_cut_is_a_bad_row_and_an_empty_cell_is_null()
        => Assert.Equal("2 3 2 3 4 1 abc", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table cut (i int, t varchar(3), d date)' -NonQuery
            function New-Row($i, $t = 'abc', $d = '2026-01-02') { [pscustomobject]@{ i = $i; t = $t; d = $d } }
            $summary = (New-Row '1'), (New-Row 'five'), (New-Row '2' 'abcd'), (New-Row '3' 'abc' '2026-13-01'), (New-Row '' '' '') |
                Import-ConcurrentData $db cut -ErrorAction SilentlyContinue -ErrorVariable bad -WarningVariable said
            $summary.Rows; $summary.BadRows; foreach ($e in $bad) { $e.Exception.Message.Split(' ')[1] }
            Invoke-ConcurrentQuery $db 'select count(*) from cut where i is null and d is null' -Scalar
            Invoke-ConcurrentQuery $db 'select t from cut where i = 1' -Scalar
            """));

    [Fact]
    public async Task A_server_that_takes_no_files_is_loaded_by_statements()
        => Assert.Equal("1 1 2 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table slow (i int primary key); set global local_infile = 0' -NonQuery
            try {
                $summary = [pscustomobject]@{ i = 1 }, [pscustomobject]@{ i = 'x' } |
                    Import-ConcurrentData $db slow -ErrorAction SilentlyContinue -ErrorVariable bad
                $summary.Rows; $summary.BadRows; foreach ($e in $bad) { $e.Exception.Message.Split(' ')[1] }
                Invoke-ConcurrentQuery $db 'select count(*) from slow' -Scalar
            } finally { $null = Invoke-ConcurrentQuery $db 'set global local_infile = 1' -NonQuery }
            """));

    [Fact]
    public async Task Transactions_are_committed_and_rolled_back()
        => Assert.Equal("no 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table kept (i int)' -NonQuery
            Use-AsyncResource $db -Transaction { $null = 1 | Invoke-ConcurrentQuery $_ 'insert into kept values (@i)' -NonQuery }
            try {
                Use-AsyncResource $db -Transaction {
                    $null = 2 | Invoke-ConcurrentQuery $_ 'insert into kept values (@i)' -NonQuery; throw 'no'
                }
            } catch { "$_" }
            Invoke-ConcurrentQuery $db 'select count(*) from kept' -Scalar
            """));

    [Fact]
    public async Task Errors_have_the_number_of_the_server()
        => Assert.Equal("QueryFailed 1062 False QueryFailed 1146 False DatabaseUnavailable 1045", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table once (i int primary key); insert into once values (1)' -NonQuery
            foreach ($query in 'insert into once values (1)', 'select * from nowhere') {
                try { Invoke-ConcurrentQuery $db $query -ErrorAction Stop } catch {
                    $_.FullyQualifiedErrorId.Split(',')[0]; $_.Exception.Code; $_.Exception.IsTransient
                }
            }
            try { Connect-AsyncDatabase -MySql "$server;Password=wrong" } catch {
                $_.FullyQualifiedErrorId.Split(',')[0]; $_.Exception.Code
            }
            """));

    [Fact]
    public async Task What_is_stopped_is_canceled_on_the_server()
    {
        const string NothingRuns = """

            for ($left = 1; $left -ne 0;) {
                $left = Invoke-ConcurrentQuery $db "select count(*) from information_schema.processlist
                    where info like '%sleep(1000)%' and id <> connection_id()" -Scalar
            }
            $left
            """;
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        Assert.Equal(
            "TimedOut TimedOut 0",
            await TextAsync(
                "(1..2 | Invoke-ConcurrentQuery $db 'select @x, sleep(1000)' -ItemTimeout 200ms -AsResult).Status | ForEach-Object { "
                    + "\"$_\" }" + NothingRuns));

        ScriptRun run = Session.Start("1..3 | Invoke-ConcurrentQuery $db 'select @x, sleep(1000)'");
        await Condition.UntilAsync(() => database.InUse == 3, "the queries run");
        await run.StopAsync();
        Assert.Equal("0", await TextAsync(NothingRuns));

        Assert.Equal(
            "1 2 0",
            await TextAsync(
                "foreach ($once in 1) { Invoke-ConcurrentQuery $db 'select seq as i from seq_1_to_1000000' | ForEach-Object { $_.i; "
                    + "if ($_.i -eq 2) { break } } }; $db.InUse"));
    }

    [Fact]
    public async Task Many_queries_share_a_few_connections_and_strings_may_have_backslashes()
        => Assert.Equal("200 it's @no 7", await TextAsync(Db + """
            (1..200 | Invoke-ConcurrentQuery $db 'select @x' -Scalar -ThrottleLimit 100).Count
            $row = Invoke-ConcurrentQuery $db "select 'it\'s @no' as t, @x as x # @not either`n" -Parameter @{ x = 7 }
            $row.t; $row.x
            """));

    [Fact]
    public async Task Warnings_of_the_server_are_warnings()
    {
        ScriptRun run = await Session.RunAsync(
            Db
                + "Invoke-ConcurrentQuery $db \"create or replace table said (i int); set sql_mode = ''; "
                + "insert into said values ('x')\" -NonQuery");

        Assert.Equal([1], run.Output);
        Assert.Equal(
            "Incorrect integer value: 'x' for column `test`.`said`.`i` at row 1 (1366)",
            Assert.Single(run.Streams.Warning).Message);
    }

    [Fact]
    public async Task Tables_and_columns_are_offered()
        => Assert.Equal("offered '`odd name`' here", await TextAsync(Db + CompletionScripts.Function + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table offered (here int);
                create or replace table `odd name` (n int)' -NonQuery
            Complete '1 | Import-ConcurrentData $db offer'
            Complete '1 | Import-ConcurrentData $db odd'
            Complete '1 | Import-ConcurrentData $db offered -Column '
            """));

    [Fact]
    public async Task Tables_may_have_any_name()
        => Assert.Equal("1 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create or replace table `order` (`group` int);
                create or replace table `a``b` (`c d` int)' -NonQuery
            ([pscustomobject]@{ group = 1 } | Import-ConcurrentData $db order).Rows
            ([pscustomobject]@{ 'c d' = 1 } | Import-ConcurrentData $db '`a``b`').Rows
            """));
}
