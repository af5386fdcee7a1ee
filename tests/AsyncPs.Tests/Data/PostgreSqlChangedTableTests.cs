using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>A repeated statement uses the current state of its table, whatever happened in earlier runs.</summary>
public sealed class PostgreSqlChangedTableTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    [Theory]
    [InlineData("date", "2024-06-01", "timestamp", "2024-06-01 12:34", "2024-06-01 12:34:00")]
    [InlineData("integer", "1", "text", "007", "007")]
    [InlineData("integer", "1", "numeric", "1.25", "1.25")]
    [InlineData("varchar(3)", "abc", "text", "abcdef", "abcdef")]
    public async Task What_is_written_after_a_column_has_changed_its_type_is_not_cut(
        string type,
        string before,
        string newType,
        string after,
        string stored)
    {
        Session.Set("types", new[] { type, newType });
        Session.Set("texts", new[] { before, after });

        Assert.Equal(stored, await TextAsync("$global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize 1\n" + """
            $null = Invoke-ConcurrentQuery $db "drop table if exists changed; create table changed (id integer, v $($types[0]))" -NonQuery
            1..5 | ForEach-Object {
                $null = [pscustomobject]@{ id = $_; v = $texts[0] } |
                    Invoke-ConcurrentQuery $db 'insert into changed values (@id, @v)' -NonQuery
            }
            $null = Invoke-ConcurrentQuery $db "alter table changed alter column v type $($types[1]) using v::$($types[1])" -NonQuery
            $null = [pscustomobject]@{ id = 6; v = $texts[1] } | Invoke-ConcurrentQuery $db 'insert into changed values (@id, @v)' -NonQuery
            Invoke-ConcurrentQuery $db 'select v::text from changed where id = 6' -Scalar
            """));
    }

    [Fact]
    public async Task Values_that_are_refused_leave_the_next_run_as_it_is_and_nothing_is_written_twice()
        => Assert.Equal("22P02 22P02 5 6 1,5,6", await TextAsync(
            "$global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize 1\n" + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists refused; create table refused (i integer)' -NonQuery
            $null = [pscustomobject]@{ i = '1' } | Invoke-ConcurrentQuery $db 'insert into refused values (@i) returning i'
            $insert = 'insert into refused values (@i) returning i'
            foreach ($value in 'x', 'y', '5', '6') {
                try {
                    [pscustomobject]@{ i = $value } |
                        Invoke-ConcurrentQuery $db $insert -Scalar -RetryCount 2 -RetryDelay 1ms -ErrorAction Stop
                } catch { $_.Exception.Code }
            }
            (Invoke-ConcurrentQuery $db 'select i from refused order by i').i -join ','
            """));
}
