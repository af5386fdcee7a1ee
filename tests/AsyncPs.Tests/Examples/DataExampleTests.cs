using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>The examples of databases, on SQLite.</summary>
public sealed class DataExampleTests : DataTest
{
    private const string Outbox = """
        $global:db = Connect-AsyncDatabase -Sqlite $folder/outbox.db
        $null = Invoke-ConcurrentQuery $db 'create table outbox (id integer primary key, payload text not null,
            attempts integer not null default 0, error text, sent_at text)'

        """;

    public DataExampleTests() => Session.Set("examples", Repository.Examples);

    [Fact]
    public async Task A_thousand_look_ups_give_their_rows_in_order()
    {
        ScriptRun run = await Session.RunAsync("""
            $db = Connect-AsyncDatabase -Sqlite $folder/look.db
            $null = Invoke-ConcurrentQuery $db 'create table item as
                with recursive r(id) as (select 1 union all select id + 1 from r where id < 990)
                select id, ''item '' || id as name from r'
            $null = Invoke-ConcurrentQuery $db 'create index item_id on item (id)'
            & "$examples/look-up-rows.ps1" $db item (1..1000) | ForEach-Object name
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Range(1, 990).Select(static i => $"item {i}"), run.Output);
        Assert.StartsWith(
            "1,000 look-ups, 990 found, 0 failed;",
            Assert.Single(run.Streams.Information).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_sent_and_marked_and_those_that_fail_keep_their_error()
        => Assert.Equal("1:True 2:True 3:False 4:True 3:False | 1/1/ 2/1/ 3/2/no 4/1/ | 2", await TextAsync(Outbox + """
            $null = 'a', 'flaky', 'bad', 'd' |
                Invoke-ConcurrentQuery $db 'insert into outbox (payload) values (@payload)' -NonQuery -ThrottleLimit 1
            $tries = [Collections.Concurrent.ConcurrentQueue[string]]::new()
            $given = @{ ThrottleLimit = 1; RetryCount = 1; RetryDelay = 0; MaximumAttempts = 2; PollSeconds = 0.01 }
            & "$examples/outbox-worker.ps1" $db -Drain @given -Send {
                $tries.Enqueue($_.payload)
                if ($_.payload -eq 'bad' -or ($_.payload -eq 'flaky' -and $AsyncContext.Attempt -eq 1)) { throw 'no' }
            } | ForEach-Object { "$($_.Id):$($_.Sent)" }
            '|'
            Invoke-ConcurrentQuery $db 'select *, sent_at is null as waits from outbox order by id' |
                ForEach-Object { "$($_.id)/$($_.attempts)/$($_.error)" }
            '|'
            @($tries | ForEach-Object { if ($_ -eq 'flaky') { $_ } }).Count
            """));

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 1)]
    public async Task A_worker_that_is_told_to_end_marks_what_it_has_begun_and_begins_nothing_more(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no kill on Windows.");
        await RunAsync(Outbox + "$null = 1..20 | Invoke-ConcurrentQuery $db 'insert into outbox (payload) values (@payload)' -NonQuery");

        // Messages in progress end after the worker has dropped the rest.
        using ScriptFile script = new($$"""
            Import-Module '{{BuiltModule.DataManifest}}'
            $db = Connect-AsyncDatabase -Sqlite '{{Folder}}/outbox.db'
            & '{{Repository.Example("outbox-worker.ps1")}}' $db -ThrottleLimit 2 -GraceSeconds 60 -Send {
                [Console]::Out.WriteLine("begun $($_.id)")
                while (-not $stopping.IsCancellationRequested -or $work.Messages.Count -gt 0) { [Threading.Thread]::Sleep(5) }
            } | ForEach-Object { }
            """);
        using ChildProcess process = ChildProcess.StartPowerShell(["-File", script.Path]);
        await process.SeeAsync("begun 1\n");
        await process.SeeAsync("begun 2\n");

        process.Signal(signal);
        ChildResult result = await process.ExitAsync();

        // The script may end before the host ends it. A script that Ctrl+C meets at its very end makes PowerShell exit with 1.
        Assert.Equal("", result.Error);
        Assert.Contains(result.ExitCode, (int[])[0, exitCode]);
        Assert.Equal(
            "1 2",
            await TextAsync(
                "Invoke-ConcurrentQuery $db 'select id from outbox where sent_at is not null and attempts = 1 order by id' | "
                    + "ForEach-Object id"));
        Assert.DoesNotContain("begun 3", result.Output, StringComparison.Ordinal);
    }
}

/// <summary>The examples of databases, on PostgreSQL.</summary>
public sealed class PostgreSqlExampleTests : PostgreSqlTest
{
    // Two sessions start at once, on a busy machine.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    private const string Tables = Db + """
        $sqlite = Connect-AsyncDatabase -Sqlite $folder/shop.db
        $null = Invoke-ConcurrentQuery $sqlite 'create table item as
            with recursive r(id) as (select 1 union all select id + 1 from r where id < 3000)
            select id, '' item '' || id as name, id * 0.5 as price from r'
        $null = Invoke-ConcurrentQuery $db 'drop table if exists copied;
            create table copied (id integer primary key, name text not null, price numeric)'

        """;

    public PostgreSqlExampleTests(PostgreSqlServer server)
        : base(server) => Session.Set("examples", Repository.Examples);

    [Fact]
    public async Task A_table_is_copied_through_three_stages_there_and_back()
        => Assert.Equal("2999 0 | 2999 item 7/3.5 | 2999", await TextAsync(Tables + """
            $summary = & "$examples/copy-table.ps1" $sqlite $db item copied -Capacity 50 -Transform {
                if ($_.id -ne 3) { [pscustomobject] @{ id = $_.id; name = $_.name.Trim(); price = [decimal] $_.price } }
            }
            $summary.Rows; $summary.BadRows
            '|'
            Invoke-ConcurrentQuery $db 'select count(*) from copied' -Scalar
            Invoke-ConcurrentQuery $db 'select name, price from copied where id = 7' | ForEach-Object { "$($_.name)/$($_.price + 0)" }
            '|'
            $null = Invoke-ConcurrentQuery $sqlite 'create table back (id integer primary key, name text, price real)'
            (& "$examples/copy-table.ps1" $db $sqlite copied -ToTable back).Rows
            $sqlite.Dispose()
            """));

    [Theory]
    [InlineData("if ($_.id -eq 2900) { throw 'no such price' }; $_")]
    [InlineData("if ($_.id -eq 2900) { $_.name = $null }; $_")]
    public async Task Nothing_is_copied_unless_all_of_it_arrives(string transform)
        => Assert.Equal("failed 0 0", await TextAsync(Tables + $$"""
            try { $null = & "$examples/copy-table.ps1" $sqlite $db item -ToTable copied -Transform { {{transform}} } } catch { 'failed' }
            Invoke-ConcurrentQuery $db 'select count(*) from copied' -Scalar
            $db.InUse
            $sqlite.Dispose()
            """));

    [Fact]
    public async Task A_worker_that_waits_is_woken_by_what_is_inserted()
    {
        await RunAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists outbox;
                create table outbox (id bigint generated always as identity primary key, payload text not null,
                    attempts int not null default 0, error text, sent_at timestamptz);
                create or replace function outbox_notify() returns trigger language plpgsql as $$ begin notify outbox; return null; end $$;
                create trigger outbox_notify after insert on outbox execute function outbox_notify()'
            """);
        ScriptRun worker = Session.Start(
            "& \"$examples/outbox-worker.ps1\" $db { } -PollSeconds 3600 | ForEach-Object { \"$($_.Id) $($_.Sent)\" }");
        using var other = new ModuleSession(BuiltModule.DataManifest);
        other.Set("server", Server.ConnectionString);
        await other.RunAsync("""
            $global:db = Connect-AsyncDatabase -PostgreSql $server
            while ((Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity where query like 'listen %'" -Scalar) -eq 0) { }
            $null = Invoke-ConcurrentQuery $db "insert into outbox (payload) values ('a')"
            """, WaitLimit);
        await Condition.UntilAsync(() => worker.Records.Count == 1 || worker.HasEnded, "the first was sent", WaitLimit);
        Assert.Empty(worker.Errors);
        await other.RunAsync("$null = Invoke-ConcurrentQuery $db \"insert into outbox (payload) values ('b')\"; $db.Dispose()");
        await Condition.UntilAsync(() => worker.Records.Count == 2, "the second was sent", WaitLimit);
        await worker.StopAsync();

        Assert.Equal(["1 True", "2 True"], worker.Output);
    }
}
