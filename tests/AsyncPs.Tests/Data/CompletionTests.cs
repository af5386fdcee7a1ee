using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Tab completion of names.</summary>
internal static class CompletionScripts
{
    /// <summary>The function <c>Complete</c> for scripts, whose argument is the typed text.</summary>
    public const string Function = """
        function Complete($typed) {
            ([Management.Automation.CommandCompletion]::CompleteInput($typed, $typed.Length, $null).CompletionMatches |
                ForEach-Object CompletionText) -join ' '
        }

        """;
}

/// <summary>Names of a SQLite database.</summary>
public sealed class SqliteCompletionTests : DataTest
{
    private const string Db = CompletionScripts.Function + """
        $global:db = Connect-AsyncDatabase -Sqlite :memory:
        $null = Invoke-ConcurrentQuery $db 'create table orders (id integer primary key autoincrement, name text, note text);
            create table "odd name" (id integer); create table sqlitish (id integer)'

        """;

    [Theory]
    [InlineData("1 | Import-ConcurrentData $db o", "'\"odd name\"' orders")]
    [InlineData("1 | Import-ConcurrentData $db '\"od", "'\"odd name\"'")]
    [InlineData("1 | Import-ConcurrentData $db \"\"", "'\"odd name\"' orders sqlitish")]
    [InlineData("1 | Import-ConcurrentData $db sqlit", "sqlitish")]
    [InlineData("1 | Import-ConcurrentData $db -Table orders -Column n", "name note")]
    [InlineData("1 | Import-ConcurrentData -Database $db orders -Column id, na", "name")]
    [InlineData("Invoke-ConcurrentQuery ", "$db")]
    public async Task Tables_and_columns_are_those_of_the_database(string typed, string offered)
    {
        Session.Set("typed", typed);

        Assert.Equal(offered, await TextAsync(Db + "Complete $typed"));
    }

    [Theory]
    [InlineData("1 | Import-ConcurrentData $db nothing_of_that_name -Column x_y_z")]
    [InlineData("1 | Import-ConcurrentData $closed x_y_z")]
    [InlineData("1 | Import-ConcurrentData $none x_y_z")]
    public async Task What_cannot_be_asked_offers_nothing_and_is_no_error(string typed)
    {
        Session.Set("typed", typed);

        Assert.Equal(
            "",
            await TextAsync(Db + "$global:closed = Connect-AsyncDatabase -Sqlite :memory:; $closed.Dispose(); Complete $typed"));
    }

    [Fact]
    public async Task A_pool_that_is_in_use_keeps_nobody_waiting()
        => Assert.Equal("", await TextAsync(CompletionScripts.Function + """
            $global:db = Connect-AsyncDatabase -Sqlite $folder/x.db -PoolSize 1
            Use-AsyncResource $db -Transaction { Complete '1 | Import-ConcurrentData $db x_y_z' }
            """));
}

/// <summary>Names of a PostgreSQL database.</summary>
public sealed class PostgreSqlCompletionTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    [Theory]
    [InlineData("1 | Import-ConcurrentData $db offer", "offered")]
    [InlineData("1 | Import-ConcurrentData $db elsewhere", "elsewhere.offered")]
    [InlineData("1 | Import-ConcurrentData $db elsewhere.offered -Column ", "there")]
    public async Task Tables_and_columns_are_those_of_the_database(string typed, string offered)
    {
        Session.Set("typed", typed);

        Assert.Equal(offered, await TextAsync(CompletionScripts.Function + Db + """
            $null = Invoke-ConcurrentQuery $db 'create schema if not exists elsewhere;
                create table if not exists offered (here int); create table if not exists elsewhere.offered (there int)'
            Complete $typed
            $null = Invoke-ConcurrentQuery $db 'drop table offered; drop schema elsewhere cascade' -ErrorAction Stop
            """));
    }

    [Fact]
    public async Task A_connection_that_was_asked_in_vain_is_not_kept()
        => Assert.Equal(" 0", await TextAsync(CompletionScripts.Function + Db + """
            $other = Connect-AsyncDatabase -PostgreSql "$server;Options=-c lock_timeout=50" -PoolSize 1
            $null = Invoke-ConcurrentQuery $other 'select 1' -Scalar
            $global:other = $other
            Use-AsyncResource $db -Transaction {
                $null = Invoke-ConcurrentQuery $_ 'lock table pg_namespace'
                Complete '1 | Import-ConcurrentData $other x_y_z'
            }
            $other.Open
            $other.Dispose()
            """));
}
