using AsyncPs.Tests.Data.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Lists, JSON and strings as parameters and as cells: the query or the column determines their type.</summary>
public sealed class PostgreSqlListTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    [Theory]
    [InlineData("[collections.arraylist] (1, 2)", "2")]
    [InlineData("[collections.generic.list[object]] (1, 2)", "2")]
    [InlineData("[collections.objectmodel.collection[psobject]] (1, 2)", "2")]
    [InlineData("@{ 1 = 'a'; 2 = 'b' }.Keys", "2")]
    [InlineData("([ordered]@{ '1' = 'a'; '2' = 'b' }).Keys", "2")]
    [InlineData("[collections.generic.hashset[int]] (1, 2)", "2")]
    [InlineData("@('1', '2')", "2")]
    [InlineData("[string[]] ('1', '2')", "2")]
    [InlineData("[int[]] (1, 2)", "2")]
    [InlineData("@(1, '2', [long] 3)", "3")]
    [InlineData("@()", "0")]
    [InlineData("@($null)", "0")]
    public async Task Any_list_is_an_array(string list, string count)
    {
        const string Query =
            "Invoke-ConcurrentQuery $db 'select count(*) from generate_series(1, 5) i where i = any(@ids)' -Parameter @{ ids = $list } "
                + "-Scalar";

        Assert.Equal($"{count} {count} {count}", await TextAsync(Db + $"$list = {list}\n{Query}\n" + $$"""
            [pscustomobject]@{ ids = $list } | {{Query.Replace(" -Parameter @{ ids = $list }", "", StringComparison.Ordinal)}}
            Use-AsyncResource $db -Transaction { {{Query.Replace("$db", "$_", StringComparison.Ordinal)}} }
            """));
    }

    [Theory]
    [InlineData("select count(*) from unnest(@x) n where n = 'a'", "'a', 'b'", "1")]
    [InlineData(
        "select @x::uuid[] = array['f81d4fae-7dec-11d0-a765-00a0c91e6bf6']::uuid[]",
        "@('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')",
        "True")]
    [InlineData("select @x::text[] = array['a,b', 'c\"d', 'e\\f', '', null, 'NULL']", "'a,b', 'c\"d', 'e\\f', '', $null, 'NULL'", "True")]
    [InlineData("select @x::int[] = array[[1, 2], [3, 4]]", "(1, 2), (3, 4)", "True")]
    [InlineData(
        "select @x::timestamptz[] = array['2024-06-01 12:34+00'::timestamptz]",
        "@([datetime]::new(2024, 6, 1, 12, 34, 0, [DateTimeKind]::Utc))",
        "True")]
    [InlineData("select @x::jsonb = '[1, \"a\", null, {\"b\": [true]}]'", "1, 'a', $null, @{ b = @($true) }", "True")]
    [InlineData("select @x::jsonb = '{\"a\": 1.0, \"\": {\"b\": []}}'", "@{ a = 1.0; '' = @{ b = @() } }", "True")]
    [InlineData("select @x::jsonb[] = array['{\"a\": 1}'::jsonb]", "@(@{ a = 1 })", "True")]
    public async Task The_query_says_what_a_list_or_an_object_is(string query, string value, string result)
    {
        Session.Set("query", query);

        Assert.Equal($"{result} 1", await TextAsync(Db + $$"""
            $value = {{value}}
            Use-AsyncResource $db -Transaction {
                Invoke-ConcurrentQuery $_ $query -Parameter @{ x = $value } -Scalar
                Invoke-ConcurrentQuery $_ 'select 1' -Scalar
            }
            """));
    }

    [Fact]
    public async Task JSON_that_was_read_is_written_back_by_a_query_and_a_load()
        => Assert.Equal("3 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists documents; create table documents (id text, doc jsonb)' -NonQuery
            $json = '{"a": 1, "A": 2.0, "": null, "t": "x\"y", "at": "2024-06-01T12:34:56.5Z",
                "list": [1, [], {}, true, 12345678901234567890123], "ü": {"n": 1e300}}'
            $null = Invoke-ConcurrentQuery $db "insert into documents values ('1', @json)" -Parameter @{ json = $json } -NonQuery
            $row = Invoke-ConcurrentQuery $db 'select * from documents'
            $null = $row | Invoke-ConcurrentQuery $db "insert into documents values ('2', @doc)" -NonQuery
            $null = $row | Import-ConcurrentData $db documents
            Invoke-ConcurrentQuery $db 'select count(*) from documents' -Scalar
            Invoke-ConcurrentQuery $db 'select count(distinct doc) from documents' -Scalar
            """));

    [Fact]
    public async Task Texts_of_a_file_go_into_columns_of_every_type()
        => Assert.Equal("2 0 10.0.0.1|10.0.0.0/24|08:00:2b:01:02:03|[1,5)|42|1 year 2 mons|{1,2}|{\"a\": "
            + "1}|(1,2)|101|24:00:00|\\xdead|$1.50|7|tab\there 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db "drop table if exists everything; drop domain if exists small;
                create domain small as integer check (value < 9);
                create table everything (a inet, b cidr, c macaddr, d int4range, e oid, f interval, g integer[], h jsonb, i point,
                    j bit(3), k time, l bytea, m money, n small, o text)" -NonQuery
            $full = [pscustomobject]@{
                a = '10.0.0.1'; b = '10.0.0.0/24'; c = '08:00:2b:01:02:03'; d = '[1,5)'; e = '42'; f = '1 year 2 months'; g = '{1,2}'
                h = '{"a":1}'; i = '(1,2)'; j = '101'; k = '24:00'; l = '\xdead'; m = '1.50'; n = '7'; o = "tab`there"
            }
            $empty = [pscustomobject]@{}
            foreach ($name in $full.psobject.Properties.Name) { $empty.psobject.Properties.Add([psnoteproperty]::new($name, '')) }
            $summary = $full, $empty | Import-ConcurrentData $db everything
            $summary.Rows; $summary.BadRows
            $row = Invoke-ConcurrentQuery $db "select concat_ws('|', a::inet, b, c, d, e, f, g, h, i, j, k, l, m, n, o) as t
                from everything where e = 42"
            $row.t.Replace('10.0.0.1/32', '10.0.0.1')
            Invoke-ConcurrentQuery $db 'select count(*) from everything where e is null and g is null and o is not null' -Scalar
            """));

    [Fact]
    public async Task What_is_wrong_with_a_text_is_said_with_its_column_and_row()
        => Assert.Equal("Row 2 was not loaded. The column b: invalid input syntax for type integer: \"x\" (22P02)", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists placed; create table placed (a text, b integer)' -NonQuery
            $null = [pscustomobject]@{ a = 'a'; b = '1' }, [pscustomobject]@{ a = 'b'; b = 'x' } |
                Import-ConcurrentData $db placed -ErrorAction SilentlyContinue -ErrorVariable bad
            foreach ($e in $bad) { "$e" }
            """));
}
