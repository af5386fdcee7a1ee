using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Messages of the server in addition to its results.</summary>
public sealed class PostgreSqlMessageTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    private const string Say = "do $$ begin raise notice ''a notice'' using hint = ''A hint.''; raise warning ''a warning''; end $$";

    [Theory]
    [InlineData("", "a warning", "")]
    [InlineData("-Verbose", "a warning", "a notice A hint.")]
    [InlineData("-WarningAction SilentlyContinue", "", "")]
    [InlineData("-AsResult", "a warning", "")]
    public async Task Warnings_are_warnings_and_notices_are_verbose(string parameters, string warnings, string verbose)
    {
        ScriptRun run = await Session.RunAsync(Db + $"Invoke-ConcurrentQuery $db '{Say}' -NonQuery {parameters}");

        Assert.Empty(run.Errors);
        Assert.Equal(warnings, string.Join('|', run.Streams.Warning.Select(static w => w.Message)));
        Assert.Equal(
            verbose,
            string.Join(
                '|',
                run.Streams.Verbose.Select(static v => v.Message).Where(static m => m.Contains("notice", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Messages_of_a_load_and_of_a_transaction_are_shown_once_and_leave_with_their_item()
    {
        ScriptRun run = await Session.RunAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists spoken; create table spoken (id integer);
                create or replace function speak() returns trigger language plpgsql as $$ begin
                    raise warning ''row %'', new.id; return new; end $$;
                create trigger speak before insert on spoken for each row execute function speak()' -NonQuery
            $null = [pscustomobject]@{ id = 1 } | Import-ConcurrentData $db spoken
            Use-AsyncResource $db -Transaction {
                $null = 2 | Invoke-ConcurrentQuery $_ 'insert into spoken values (@id)' -NonQuery
                Invoke-ConcurrentQuery $_ 'select count(*) from spoken' -Scalar
            }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["row 1", "row 2"], run.Streams.Warning.Select(static w => w.Message));
        Assert.Equal([2L], run.Output);
    }

    [Fact]
    public async Task A_flood_of_messages_is_bounded_and_hangs_nothing()
    {
        ScriptRun run = await Session.RunAsync(
            Db
                + "Invoke-ConcurrentQuery $db 'do $$ begin for i in 1..50000 loop raise warning ''w''; end loop; "
                + "end $$' -NonQuery -WarningVariable said -WarningAction SilentlyContinue; $said.Count -gt 900");

        Assert.Empty(run.Errors);
        Assert.Equal([-1, true], run.Output);
    }
}
