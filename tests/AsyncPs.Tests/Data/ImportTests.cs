using AsyncPs.Data;
using AsyncPs.Data.Drivers;
using AsyncPs.Data.Loading;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Bulk loads into SQLite.</summary>
public sealed class SqliteImportTests : DataTest
{
    private const string Db = "$global:db = Connect-AsyncDatabase -Sqlite $folder/import.db\n";

    [Fact]
    public async Task Rows_are_loaded_by_the_names_of_their_properties()
        => Assert.Equal("2500 0 loaded 2500/3126250/0 n7 True none 2", await TextAsync(Db + ImportScripts.Good));

    [Fact]
    public async Task Bad_rows_are_reported_with_their_number_and_the_rest_is_kept()
        => Assert.Equal("17 3 RowNotLoaded 5 5 RowNotLoaded 10 3 RowNotLoaded 20 20 17/175/0", await TextAsync(Db + ImportScripts.Bad));

    [Fact]
    public async Task All_or_nothing_keeps_nothing_of_a_load_with_a_bad_row()
        => Assert.Equal("FailFast RowNotLoaded 15 0/0/0 rolled back 0/0/0 20 20/210/0", await TextAsync(Db + ImportScripts.AllOrNothing));

    [Theory]
    [InlineData("$other = Connect-AsyncDatabase -Sqlite $folder/import.db -ReadOnly", "$other loaded", "8")]
    [InlineData("$null = Invoke-ConcurrentQuery $db 'create view shown as select * from loaded'", "$db shown", "1")]
    public async Task A_load_that_no_row_can_be_part_of_is_one_error(string before, string target, string code)
        => Assert.Equal($"QueryFailed {code} 0 0/0/0", await TextAsync(Db + ImportScripts.Table + before + $$"""

            try {
                1..20 | ForEach-Object { New-Row $_ } |
                    Import-ConcurrentData {{target}} -BatchSize 3 -ErrorVariable bad -ErrorAction SilentlyContinue
            } catch { $failed = $_ }
            "$($failed.FullyQualifiedErrorId)".Split(',')[0]
            $failed.Exception.Code
            @($bad | ForEach-Object { if ("$($_.FullyQualifiedErrorId)" -like 'RowNotLoaded*') { $_ } }).Count
            Get-State
            """));

    [Fact]
    public async Task A_database_that_is_full_ends_a_load()
        => Assert.Equal("QueryFailed 13 0/0/0", await TextAsync(Db + ImportScripts.Table + """
            try {
                Use-AsyncResource $db -Transaction {
                    $null = Invoke-ConcurrentQuery $_ 'pragma max_page_count = 8' -Scalar
                    1..2000 | ForEach-Object { New-Row $_ ('n' * 50) } | Import-ConcurrentData $_ loaded -BatchSize 100 -ErrorAction Stop
                }
            } catch { $failed = $_ }
            $failed.FullyQualifiedErrorId.Split(',')[0]; $failed.Exception.Code
            Get-State
            """));

    [Theory]
    [InlineData("-RetryOn InvalidOperationException")]
    [InlineData("-RetryOn { $false }")]
    [InlineData("-RetryOn { $_.Exception.Code -eq '8' }")]
    public async Task A_failure_of_the_whole_load_ends_it_whatever_is_tried_again(string retry)
        => Assert.Equal($"0 QueryFailed 0/0/0", await TextAsync(Db + ImportScripts.Table + $$"""
            $other = Connect-AsyncDatabase -Sqlite $folder/import.db -ReadOnly
            $again = @{ Count = 0 }
            try {
                $retry = @{ RetryCount = 2; RetryDelay = '1ms'; OnRetry = { $again.Count++ }; ErrorAction = 'SilentlyContinue' }
                1..9 | ForEach-Object { New-Row $_ } |
                    Import-ConcurrentData $other loaded -BatchSize 3 -ThrottleLimit 1 @retry {{retry}}
            } catch { $failed = $_ }
            $again.Count; "$($failed.FullyQualifiedErrorId)".Split(',')[0]
            Get-State
            """));

    [Fact]
    public async Task A_row_that_cannot_be_read_is_a_bad_row()
        => Assert.Equal("4 1 RowNotLoaded 3 True 3 4/12/0", await TextAsync(Db + ImportScripts.Unreadable));

    [Fact]
    public async Task A_batch_in_a_transaction_is_not_tried_again()
        => Assert.Equal("RowNotLoaded 0 0/0/0", await TextAsync(Db + ImportScripts.RetriedInTransaction));

    [Theory]
    [InlineData("\"odd name\"", "\"odd name\"")]
    [InlineData("main.\"odd name\"", "\"odd name\"")]
    [InlineData("[odd name]", "\"odd name\"")]
    [InlineData("`odd name`", "\"odd name\"")]
    [InlineData("order", "\"order\"")]
    public async Task Tables_may_have_any_name(string table, string name)
    {
        Session.Set("table", table);
        Session.Set("name", name);

        Assert.Equal("1 7", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db "create table $name (id integer)"
            $summary = [pscustomobject] @{ id = 7 } | Import-ConcurrentData $db $table
            $summary.Rows
            Invoke-ConcurrentQuery $db "select id from $name" -Scalar
            """));
    }

    [Fact]
    public async Task Bad_rows_are_not_tried_again_whatever_the_caller_says()
        => Assert.Equal("17 3 0 RowNotLoaded 5 5 RowNotLoaded 10 3 RowNotLoaded 20 20 17/175/0", await TextAsync(Db + """
            $again = @{ Count = 0 }

            """ + ImportScripts.Bad
                .Replace(
                    "-ThrottleLimit 1",
                    "-ThrottleLimit 1 -RetryCount 2 -RetryDelay 1ms -RetryOn { $true } -OnRetry { $again.Count++ }",
                    StringComparison.Ordinal)
                .Replace("$($summary.BadRows)\"", "$($summary.BadRows) $($again.Count)\"", StringComparison.Ordinal)));

    [Fact]
    public async Task Input_is_taken_only_a_few_batches_ahead_of_what_is_loaded()
    {
        // Another connection writes to the file, and does not end.
        await RunAsync(Db + ImportScripts.Table + """
            $global:other = Connect-AsyncDatabase -Sqlite $folder/import.db
            $global:writing = $other.BeginTransactionAsync('Serializable',
                [Threading.CancellationToken]::None).AsTask().GetAwaiter().GetResult()
            """);

        ScriptRun run = Session.Start(
            "& { while ($true) { $probe.Produce(); [pscustomobject] @{ id = $probe.Produced; "
                + "name = 'n' } } } | Import-ConcurrentData $db loaded -BatchSize 100");
        await Condition.UntilPausedAsync(() => Session.Probe.Producer, () => Session.Probe.Produced, "the input waits");
        int taken = Session.Probe.Produced;
        await run.StopAsync();

        // Two batches are loaded, two wait, and one has no room.
        Assert.InRange(taken, 300, 500);
        await RunAsync("$writing.DisposeAsync().AsTask().GetAwaiter().GetResult()");
    }

    [Fact]
    public async Task A_value_that_a_row_does_not_have_is_null_whatever_other_batches_had()
        => Assert.Equal("200 100", await TextAsync(Db + ImportScripts.Table + """
            $summary = 1..200 |
                ForEach-Object {
                    if ($_ -le 100) {
                        [pscustomobject]@{ id = $_; name = 'n'; price = 1 }
                    } else { [pscustomobject]@{ id = $_; name = 'n' } }
                } |
                Import-ConcurrentData $db loaded -BatchSize 7
            $summary.Rows; Invoke-ConcurrentQuery $db 'select count(*) from loaded where price is null' -Scalar
            """));

    [Fact]
    public async Task Properties_are_read_whatever_kind_they_are_of()
        => Assert.Equal("4 1/note/2 2/script/8 3/net/9 4/key/0", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create table kinds (id integer primary key, name text, length integer)' -NonQuery
            class Item { [int] $Id = 3; [string] $Name = 'net'; [int] $Length = 9 }
            $scripted = [pscustomobject]@{ ID = 2; Text = 'script' }
            $scripted.psobject.Properties.Add([psscriptproperty]::new('length', { 4 * $this.id }))
            $scripted.psobject.Properties.Add([psaliasproperty]::new('name', 'Text'))
            $note = [pscustomobject]@{ id = 1; name = 'note'; length = 2 }
            $summary = $note, $scripted, [Item]::new(), @{ Id = 4; NAME = 'key'; length = 0 } |
                Import-ConcurrentData $db kinds -Column id, name, length
            $summary.Rows
            Invoke-ConcurrentQuery $db "select id || '/' || name || '/' || length as text from kinds order by id" | ForEach-Object text
            """));

    [Theory]
    [InlineData("1 | Import-ConcurrentData $db nowhere", "TableNotFound")]
    [InlineData("1 | Import-ConcurrentData $db 'loaded; drop table loaded'", "TableNotFound")]
    [InlineData("1 | Import-ConcurrentData $db '\"loaded\"\"; drop table loaded; --\"'", "TableNotFound")]
    [InlineData("1 | Import-ConcurrentData $db '\"loaded\" where 1; drop table loaded; --\"'", "TableNotFound")]
    [InlineData("New-Row 1 | Import-ConcurrentData $db loaded -Column nothing", "ColumnNotFound")]
    [InlineData("[pscustomobject]@{ id = 1; x = 2 } | Import-ConcurrentData $db loaded", "ColumnNotFound")]
    [InlineData("Import-ConcurrentData $db loaded", "NoRows")]
    [InlineData("New-Row 1 | Import-ConcurrentData $db loaded -AllOrNothing -RetryCount 2", "DatabaseArgumentInvalid")]
    public async Task Bad_arguments_fail_before_anything_is_loaded(string statement, string id)
        => Assert.Equal(
            id,
            (await Session.FailAsync(Db + ImportScripts.Table + $"try {{ {statement} }} catch {{ throw }}")).FullyQualifiedErrorId.Split(
                ',')[0]);

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(100, 37, null)]
    [InlineData(100, 37, 37)]
    [InlineData(7, 6, null)]
    public void A_bad_row_is_found_whether_the_database_says_which_or_not(int count, int bad, int? said)
    {
        var rows = new ImportRows(width: 1);
        foreach (int i in Enumerable.Range(0, count))
        {
            rows.Add(i)[0] = i;
        }

        var batch = new ImportBatch(1, rows);
        List<int> found = [];
        while (batch.TryPeek(out (int Start, int End) range))
        {
            if (range.Start <= bad && bad < range.End && !found.Contains(bad))
            {
                if (batch.Exclude(said) is { } row)
                {
                    found.Add(row);
                }
            }
            else
            {
                batch.Done();
            }
        }

        Assert.Equal([bad], found);
        Assert.Equal(count - 1, batch.Loaded);
    }
}

/// <summary>Bulk loads into PostgreSQL.</summary>
public sealed class PostgreSqlImportTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    [Fact]
    public async Task Rows_are_loaded_by_the_names_of_their_properties()
        => Assert.Equal("2500 0 loaded 2500/3126250/0 n7 True none 2", await TextAsync(Db + ImportScripts.Good));

    [Fact]
    public async Task Bad_rows_are_reported_with_their_number_and_the_rest_is_kept()
        => Assert.Equal("17 3 RowNotLoaded 5 5 RowNotLoaded 10 3 RowNotLoaded 20 20 17/175/0", await TextAsync(Db + ImportScripts.Bad));

    [Fact]
    public async Task All_or_nothing_keeps_nothing_of_a_load_with_a_bad_row()
        => Assert.Equal("FailFast RowNotLoaded 15 0/0/0 rolled back 0/0/0 20 20/210/0", await TextAsync(Db + ImportScripts.AllOrNothing));

    [Fact]
    public async Task A_row_that_cannot_be_read_is_a_bad_row()
        => Assert.Equal("4 1 RowNotLoaded 3 True 3 4/12/0", await TextAsync(Db + ImportScripts.Unreadable));

    [Fact]
    public async Task A_batch_in_a_transaction_is_not_tried_again()
        => Assert.Equal("RowNotLoaded 0 0/0/0", await TextAsync(Db + ImportScripts.RetriedInTransaction));

    [Theory]
    [InlineData("nowhere")]
    [InlineData("loaded; drop table loaded")]
    [InlineData("a.b.c.d")]
    [InlineData("\"unended")]
    public async Task A_name_that_is_no_tables_is_said_to_be_none(string table)
    {
        Session.Set("table", table);

        Assert.Equal(
            "TableNotFound",
            (await Session.FailAsync(
                Db
                    + ImportScripts.Table
                    + "try { New-Row 1 | Import-ConcurrentData $db $table } catch { throw }")).FullyQualifiedErrorId.Split(',')[0]);
    }

    [Theory]
    [InlineData("a.b.c.d.e", "CommitFailed 0/0/0")]
    [InlineData("nowhere", "committed 1/1/0")]
    public async Task A_name_that_a_transaction_does_not_survive_is_not_committed_in_silence(string table, string end)
    {
        Session.Set("table", table);

        Assert.Equal("TableNotFound " + end, await TextAsync(Db + ImportScripts.Table + """
            try {
                Use-AsyncResource $db -Transaction {
                    $null = New-Row 1 | Import-ConcurrentData $_ loaded
                    try { New-Row 2 | Import-ConcurrentData $_ $table } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
                }
                'committed'
            } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            Get-State
            """));
    }

    [Theory]
    [InlineData("lock_timeout")]
    [InlineData("statement_timeout")]
    public async Task A_time_that_is_over_as_a_batch_begins_is_the_failure_of_that_batch(string setting)
        => Assert.Equal("QueryFailed,rows 1 to 3 QueryFailed,rows 4 to 6 0/0/0 6", await TextAsync(Db + ImportScripts.Table + $$"""
            $other = Connect-AsyncDatabase -PostgreSql "$server;Options=-c {{setting}}=200"
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'lock table loaded'
                $global:summary = 1..6 | ForEach-Object { New-Row $_ } |
                    Import-ConcurrentData $other loaded -BatchSize 3 -ThrottleLimit 1 -ErrorVariable bad -ErrorAction SilentlyContinue
                foreach ($e in $bad) { "$($e.FullyQualifiedErrorId.Split(',')[0]),$($e.TargetObject)" }
            }
            Get-State
            $summary.BadRows
            $other.Dispose()
            """));

    [Fact]
    public async Task Bad_rows_are_reported_in_their_order_whoever_finds_them()
        => Assert.Equal("4 7 9 37", await TextAsync(Db + ImportScripts.Table + """
            $rows = @(1..40 | ForEach-Object { New-Row $_ })
            $rows[3].Name = $null
            $rows[6].ID = 'x'
            $rows[8].Name = $null
            $rows[36].ID = 'x'
            $null = $rows | Import-ConcurrentData $db loaded -BatchSize 20 -Ordered -ErrorAction SilentlyContinue -ErrorVariable bad
            foreach ($e in $bad) { $e.Exception.Message.Split(' ')[1] }
            """));

    [Fact]
    public async Task Texts_are_checked_against_the_types_of_the_columns()
        => Assert.Equal("2 4 RowNotLoaded RowNotLoaded RowNotLoaded RowNotLoaded 5 true 2026-01-02 ok {a,b} 2", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db "drop table if exists checked; drop type if exists state; create type state as enum ('ok');
                create table checked (i integer, b boolean, d date, u uuid, j jsonb, s state, a text[], t timestamptz)"
            function New-Row($i, $b = 'true', $d = '2026-01-02', $u = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6') {
                [pscustomobject]@{ i = $i; b = $b; d = $d; u = $u; j = '{}'; s = 'ok'; a = 'a', 'b'; t = [datetime]::Now }
            }
            $summary = (New-Row '5'), (New-Row 'five'), (New-Row 1.5), (New-Row 1 'maybe'), (New-Row 1 'f' '2026-13-01'),
                (New-Row '' '' '' '') |
                Import-ConcurrentData $db checked -ErrorAction SilentlyContinue -ErrorVariable bad
            $summary.Rows; $summary.BadRows; foreach ($e in $bad) { $e.FullyQualifiedErrorId.Split(',')[0] }
            $row = Invoke-ConcurrentQuery $db 'select i::text, b::text, d::text, s::text, a::text from checked where i is not null'
            $row.i; $row.b; $row.d; $row.s; $row.a
            Invoke-ConcurrentQuery $db 'select count(*) from checked where i is null or i = 5' -Scalar
            """));

    [Theory]
    [InlineData(
        "$null = Invoke-ConcurrentQuery $db 'drop role if exists weak; create role weak login'; "
            + "$other = Connect-AsyncDatabase -PostgreSql \"$server;Username=weak\"",
        "$other loaded",
        "42501")]
    [InlineData(
        "$other = Connect-AsyncDatabase -PostgreSql \"$server;Options=-c default_transaction_read_only=on\"",
        "$other loaded",
        "25006")]
    [InlineData(
        "$null = Invoke-ConcurrentQuery $db 'drop view if exists shown; create view shown as select 1 as id'",
        "$db shown -Column id",
        "42809")]
    public async Task A_load_that_no_row_can_be_part_of_is_one_error(string before, string target, string code)
        => Assert.Equal($"QueryFailed {code} 0 0/0/0", await TextAsync(Db + ImportScripts.Table + before + $$"""

            try {
                1..20 | ForEach-Object { New-Row $_ } |
                    Import-ConcurrentData {{target}} -BatchSize 3 -ErrorVariable bad -ErrorAction SilentlyContinue
            } catch { $failed = $_ }
            "$($failed.FullyQualifiedErrorId)".Split(',')[0]
            $failed.Exception.Code
            @($bad | ForEach-Object { if ("$($_.FullyQualifiedErrorId)" -like 'RowNotLoaded*') { $_ } }).Count
            $null = Invoke-ConcurrentQuery $db 'drop view if exists shown'
            Get-State
            if ($other) { $other.Dispose() }
            """));

    [Fact]
    public async Task Columns_whose_types_have_modifiers_are_loaded_from_texts_and_from_objects()
    {
        const string Loaded = "2026-01-02 03:04:05.123 12.35 {1.50,2.25} abcde {a,b} 01:02:03.457";

        Assert.Equal($"2 1 RowNotLoaded {Loaded} {Loaded}", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists modified;
                create table modified (id integer, t timestamptz(3), n numeric(10, 2), a numeric(10, 2)[], v varchar(5), w varchar(5)[],
                    i interval(3))'
            $summary = [pscustomobject]@{
                id = '1'; t = '2026-01-02T03:04:05.1234Z'; n = '12.3456'; a = 1.5, 2.25; v = 'abcde'; w = 'a', 'b'; i = '01:02:03.4567'
            },
                [pscustomobject]@{
                    id = 2
                    t = [datetimeoffset]'2026-01-02T03:04:05.1234Z'
                    n = 12.3456d
                    a = [decimal[]](1.5, 2.25)
                    v = [uri]'abcde'
                    w = [string[]]('a', 'b')
                    i = [timespan]'01:02:03.4567'
                },
                [pscustomobject]@{
                    id = 3; t = '2026-01-02T03:04:05Z'; n = '1'; a = 1.5, 2.25; v = 'abcdef'; w = 'a', 'b'; i = '01:02:03'
                } |
                    Import-ConcurrentData $db modified -ErrorAction SilentlyContinue -ErrorVariable bad
            $summary.Rows; $summary.BadRows; foreach ($e in $bad) { $e.FullyQualifiedErrorId.Split(',')[0] }
            Invoke-ConcurrentQuery $db "select concat_ws(' ', t at time zone 'utc', n, a, v, w, i) as text from modified order by id" |
                ForEach-Object text
            """));
    }

    [Fact]
    public async Task Bad_rows_are_reported_also_where_the_connection_is_lost_after_them()
        => Assert.Equal("19 1 RowNotLoaded 3 19", await TextAsync(Db + ImportScripts.Table + """
            $null = Invoke-ConcurrentQuery $db 'drop sequence if exists once; create sequence once;
                create or replace function lose() returns trigger language plpgsql as $$ begin
                    if new.id = 13 and nextval(''once'') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
                    return new; end $$;
                create trigger lose before insert on loaded for each row execute function lose()'
            $rows = @(1..20 | ForEach-Object { New-Row $_ }); $rows[2].Name = $null
            $summary = $rows |
                Import-ConcurrentData $db loaded -RetryCount 3 -RetryDelay 1ms -ErrorAction SilentlyContinue -ErrorVariable bad
            $summary.Rows; $summary.BadRows
            foreach ($e in $bad) { "$($e.FullyQualifiedErrorId.Split(',')[0]) $($e.Exception.Message.Split(' ')[1])" }
            Invoke-ConcurrentQuery $db 'select count(*) from loaded' -Scalar
            """));

    [Fact]
    public async Task A_load_that_is_stopped_leaves_whole_batches_and_no_session_at_work()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        ScriptRun run = Session.Start(ImportScripts.Stopped);
        await Condition.UntilAsync(() => database.InUse > 0 && database.Open > 1, "it loads");
        await run.StopAsync();

        await Condition.UntilAsync(() => database.InUse == 0, "the connections are free");
        Assert.Equal("0", await TextAsync("Invoke-ConcurrentQuery $db 'select count(*) % 100 from loaded' -Scalar"));
    }
}
