using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>How SQLite stores and compares values.</summary>
public sealed class SqliteValueTests : DataTest
{
    private const string Db = "$global:db = Connect-AsyncDatabase -Sqlite :memory:\n";

    [Fact]
    public async Task Empty_cells_are_null_where_the_column_is_not_of_text()
        => Assert.Equal("2 0 null,null,null,null,null,null,text,text 2", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'create table cells (
                i integer, r real, n numeric(10, 2), b boolean, d date, x blob, t varchar(9), u)' -NonQuery
            $summary = [pscustomobject]@{ i = '1'; r = '1.5'; n = '2'; b = 'true'; d = '2026-01-02'; x = 'x'; t = 't'; u = 'u' },
                [pscustomobject]@{ i = ''; r = ''; n = ''; b = ''; d = ''; x = ''; t = ''; u = '' } | Import-ConcurrentData $db cells
            $summary.Rows; $summary.BadRows
            (Invoke-ConcurrentQuery $db "select typeof(i) || ',' || typeof(r) || ',' || typeof(n) || ',' || typeof(b) || ','
                || typeof(d) || ',' || typeof(x) || ',' || typeof(t) || ',' || typeof(u) as t from cells where i is null").t
            Invoke-ConcurrentQuery $db 'select avg(n) from cells' -Scalar
            """));

    [Theory]
    [InlineData("integer", "'7'", "integer 7")]
    [InlineData("integer", "'7.0'", "integer 7")]
    [InlineData("integer", "'abc'", null)]
    [InlineData("integer", "'7.5'", null)]
    [InlineData("integer", "7.5", null)]
    [InlineData("integer", "[datetime]'2026-01-02'", null)]
    [InlineData("integer", "[dayofweek]::Monday", null)]
    [InlineData("integer", "[bigint]::Parse('9223372036854775807')", "integer 9223372036854775807")]
    [InlineData("integer", "[bigint]::Parse('9223372036854775808')", null)]
    [InlineData("integer", "$true", "integer 1")]
    [InlineData("bigint", "[decimal]9007199254740993", "integer 9007199254740993")]
    [InlineData("real", "'1e3'", "real 1000.0")]
    [InlineData("real", "'x'", null)]
    [InlineData("numeric", "'12.50'", "real 12.5")]
    [InlineData("decimal(10,2)", "12.50d", "real 12.5")]
    [InlineData("decimal(10,2)", "'12,50'", null)]
    [InlineData("boolean", "'yes'", "integer 1")]
    [InlineData("boolean", "'maybe'", null)]
    [InlineData("date", "'2026-01-02'", "text 2026-01-02")]
    [InlineData("datetime", "'2026-13-02'", null)]
    [InlineData("datetime", "1767312000", "integer 1767312000")]
    [InlineData("datetime", "[datetime]'2026-01-02 03:04:05'", "text 2026-01-02 03:04:05")]
    [InlineData("text", "12.50d", "text 12.50")]
    [InlineData("text", "[bigint]::Parse('123456789012345678901')", "text 123456789012345678901")]
    [InlineData("", "'abc'", "text abc")]
    [InlineData("uuid", "'abc'", "text abc")]
    public async Task Values_are_checked_against_the_types_of_the_columns(string type, string value, string? stored)
        => Assert.Equal(stored ?? "RowNotLoaded v", await TextAsync(Db + $$"""
            $null = Invoke-ConcurrentQuery $db 'create table checked (v {{type}})' -NonQuery
            $null = [pscustomobject]@{ v = {{value}} } | Import-ConcurrentData $db checked -ErrorAction SilentlyContinue -ErrorVariable bad
            foreach ($e in $bad) {
                $message = $e.Exception.Message -replace '^Row 1 was not loaded. The column (\w+).+$', '$1'
                "$($e.FullyQualifiedErrorId.Split(',')[0]) $message"
            }
            Invoke-ConcurrentQuery $db "select typeof(v) || ' ' || v as t from checked" | ForEach-Object t
            """));

    [Theory]
    [InlineData("select 10 > @m", "[decimal]9", "1")]
    [InlineData("select 10 > @m", "9.5d", "1")]
    [InlineData("select sum(x) > @m from (select 10.5 as x)", "9.99d", "1")]
    [InlineData("select 10 > @m", "[bigint]9", "1")]
    [InlineData("select 5 / @m", "[decimal]2", "2.5")]
    [InlineData("select @m", "[decimal]9007199254740993", "9007199254740993")]
    [InlineData("select typeof(@m)", "1.25d", "real")]
    [InlineData("select typeof(@m)", "[bigint]7", "integer")]
    public async Task Decimals_and_big_integers_are_numbers(string query, string value, string result)
        => Assert.Equal(
            result,
            await TextAsync(
                Db
                    + $"Invoke-ConcurrentQuery $db '{query}' -Parameter @{{ m = {value} }} -Scalar | ForEach-Object {{ "
                    + $"[string]::Format([cultureinfo]::InvariantCulture, '{{0}}', $_) }}"));

    [Fact]
    public async Task A_big_integer_that_no_column_can_hold_is_an_error_and_not_another_number()
        => Assert.Equal(
            "QueryParameterInvalid",
            (await ErrorsAsync(
                Db
                    + "Invoke-ConcurrentQuery $db 'select @m' -Parameter @{ m = "
                    + "[bigint]::Parse('9223372036854775808') }"))[0].FullyQualifiedErrorId.Split(',')[0]);
}
