using System.Management.Automation;
using AsyncPs.Data;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Queries on a real PostgreSQL: values, types, order, stopping.</summary>
public sealed class PostgreSqlQueryTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    // For a busy machine.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    private const string NothingRuns = """
        for ($left = 1; $left -ne 0;) {
            $left = Invoke-ConcurrentQuery $db "select count(*) from pg_stat_activity
                where state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend'" -Scalar
        }
        $left
        """;

    [Theory]
    [InlineData("7::smallint", "System.Int16", "7")]
    [InlineData("7", "System.Int32", "7")]
    [InlineData("7::bigint", "System.Int64", "7")]
    [InlineData("1.50::numeric", "System.Decimal", "1.50")]
    [InlineData("123456789012345678901234567890123::numeric", "System.Numerics.BigInteger", "123456789012345678901234567890123")]
    [InlineData("1.50::numeric(10, 2)", "System.Decimal", "1.50")]
    [InlineData("123456789012345678901234567890123::numeric(40)", "System.Numerics.BigInteger", "123456789012345678901234567890123")]
    [InlineData("array[1.5, 2.25]::numeric(10, 2)[]", "decimal[]", "1.50 2.25")]
    [InlineData("0.5::real", "System.Single", "0.5")]
    [InlineData("true", "System.Boolean", "True")]
    [InlineData("'a'::text", "System.String", "a")]
    [InlineData("'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::uuid", "System.Guid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]
    [InlineData("'\\xdead'::bytea", "System.Byte[]", "222 173")]
    [InlineData("'2026-01-02 03:04:05+02'::timestamptz", "System.DateTimeOffset", "01/02/2026 01:04:05 +00:00")]
    [InlineData("'2026-01-02 03:04:05+02'::timestamptz(3)", "System.DateTimeOffset", "01/02/2026 01:04:05 +00:00")]
    [InlineData("'2026-01-02 03:04:05'::timestamp", "System.DateTime", "01/02/2026 03:04:05")]
    [InlineData("'2026-01-02'::date", "System.DateOnly", "01/02/2026")]
    [InlineData("'1 day 2 hours'::interval", "System.TimeSpan", "1.02:00:00")]
    [InlineData("array[1, 2]", "System.Int32[]", "1 2")]
    [InlineData("array[1, null]", "System.Nullable`1[System.Int32][]", "1 ")]
    [InlineData("array['a', 'b']", "System.String[]", "a b")]
    [InlineData("int4range(1, 5)", "NpgsqlTypes.NpgsqlRange`1", "[1,5)")]
    [InlineData("'10.0.0.1'::inet", "System.Net.IPAddress", "10.0.0.1")]
    [InlineData("'{\"a\": [1, {\"b\": null}]}'::jsonb", "PSCustomObject", "@{a=System.Object[]}")]
    [InlineData("'[1, 2]'::json", "System.Object[]", "1 2")]
    [InlineData("'NaN'::numeric", "double", "NaN")]
    [InlineData("'-Infinity'::numeric", "double", "-Infinity")]
    [InlineData("-1.123456789012345678901234567890123456789::numeric", "System.String", "-1.123456789012345678901234567890123456789")]
    [InlineData("100000000000000000000000000000.0000500::numeric", "System.String", "100000000000000000000000000000.0000500")]
    [InlineData("'1 year 2 mons -3 days 04:05:06.5'::interval", "System.String", "1 year 2 mons -3 days 04:05:06.5")]
    [InlineData("'838:59:59'::interval", "System.TimeSpan", "34.22:59:59")]
    [InlineData("'0044-03-15 BC'::date", "System.String", "0044-03-15 BC")]
    [InlineData("'0001-01-01'::date - 1", "System.String", "0001-12-31 BC")]
    [InlineData("'99999-02-28'::date", "System.String", "99999-02-28")]
    [InlineData("'0044-03-15 12:00:01.5 BC'::timestamp", "System.String", "0044-03-15 12:00:01.5 BC")]
    [InlineData("'294276-12-31 23:59:59'::timestamp", "System.String", "294276-12-31 23:59:59")]
    [InlineData("'20000-01-01 00:00:00+00'::timestamptz", "System.String", "20000-01-01 00:00:00+00")]
    [InlineData("'9999-12-31 23:59:59'::timestamp", "System.DateTime", "12/31/9999 23:59:59")]
    [InlineData("'infinity'::timestamp = @most", "System.Boolean", "True")]
    [InlineData("'infinity'::date", "System.DateOnly", "12/31/9999")]
    [InlineData("'-infinity'::timestamptz", "System.DateTimeOffset", "01/01/0001 00:00:00 +00:00")]
    [InlineData("'24:00'::time", "System.String", "24:00:00")]
    [InlineData("'23:59:59.999999'::time", "System.TimeOnly", "23:59")]
    [InlineData("'10.0.0.1/24'::inet", "System.String", "10.0.0.1/24")]
    [InlineData("'::1'::inet", "System.Net.IPAddress", "::1")]
    [InlineData("array[null, '1 mon'::interval]", "System.Object[]", " 1 mon")]
    [InlineData("array['NaN', 1.5]::numeric[]", "System.Object[]", "NaN 1.5")]
    [InlineData("daterange('0044-01-01 BC', '2024-01-01')", "System.String", "[\"0044-01-01 BC\",2024-01-01)")]
    [InlineData("'{\"\": 1, \"a\": 2, \"A\": 3}'::jsonb", "ordered", "System.Collections.Specialized.OrderedDictionary")]
    [InlineData("row(1, 'x'::text)", "System.Object[]", "1 x")]
    public async Task Values_come_back_as_those_of_dotnet(string expression, string type, string shown)
    {
        Session.Set("query", $"select {expression} as value, null::int as nothing");
        PSObject result = Assert.Single(await RunAsync(Db + """
            $row = if ($query -like '*@most*') {
                Invoke-ConcurrentQuery $db $query -Parameter @{ most = [datetime]::MaxValue }
            } else { Invoke-ConcurrentQuery $db $query }
            $value = $row.value
            $text = if ($value -is [array]) { $value -join ' ' } else {
                [Management.Automation.LanguagePrimitives]::ConvertTo($value, [string])
            }
            "$($value.GetType())".Split('[[')[0] + " $text $($null -eq $row.nothing)"
            """));

        Assert.Equal($"{Short(type)} {shown} True", result.ToString());
    }

    [Theory]
    [InlineData("select $1", "08P01")]
    [InlineData(
        "select 'pg_class'::regclass as c",
        "The column c, which is regclass, can't be read. Cast it to text in the query: c::text.")]
    [InlineData("select @h::integer", "invalid input syntax for type integer")]
    public async Task What_the_driver_cannot_do_fails_with_a_remedy_and_leaves_the_connection_usable(string query, string said)
    {
        Session.Set("query", query);

        ErrorRecord error = Assert.Single(
            await ErrorsAsync(
                Db
                    + "$values = if ($query -like '*@h*') { @{ h = @{ a = 1 } } } else { @{} }; "
                    + "Invoke-ConcurrentQuery $db $query -Parameter $values"));

        Assert.Equal("QueryFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(said, error.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("7", await TextAsync("Invoke-ConcurrentQuery $db 'select 7' -Scalar"));
    }

    [Theory]
    [InlineData("row(1, 'a', null, 'ok', (2, 'in'))::outer_one", "{'id':1,'name':'a','flag':null,'m':'ok','inner_one':{'n':2,'t':'in'}}")]
    [InlineData("row(1, 'a', true, null, null)::outer_one", "{'id':1,'name':'a','flag':true,'m':null,'inner_one':null}")]
    [InlineData("array[(1, 'x'), null, (null, 'y')]::inner_one[]", "[{'n':1,'t':'x'},null,{'n':null,'t':'y'}]")]
    [InlineData("row(1.50, 2.5, '{\"a\": [1]}', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', '{3,4}')::all_sorts",
        "{'d':1.50,'f':2.5,'j':{'a':[1]},'u':'f81d4fae-7dec-11d0-a765-00a0c91e6bf6','l':[3,4]}")]
    public async Task Composites_come_back_as_objects(string expression, string json)
    {
        Session.Set("query", $"select {expression} as value");
        Assert.Equal(json.Replace('\'', '"'), await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db "drop type if exists outer_one, inner_one, all_sorts, feeling;
                create type feeling as enum ('sad', 'ok');
                create type inner_one as (n bigint, t text);
                create type outer_one as (id integer, name varchar(5), flag boolean, m feeling, inner_one inner_one);
                create type all_sorts as (d numeric, f double precision, j jsonb, u uuid, l integer[])"
            ConvertTo-Json -Compress -Depth 5 (Invoke-ConcurrentQuery $db $query -Scalar)
            """));
    }

    [Fact]
    public async Task Texts_will_do_for_every_type_and_lists_for_arrays()
        => Assert.Equal("2 ok True 2 1", await TextAsync(Db + """
            $null = Invoke-ConcurrentQuery $db "drop table if exists typed; drop type if exists mood;
                create type mood as enum ('sad', 'ok');
                create table typed (id integer, at timestamptz, u uuid, j jsonb, m mood, n numeric, t text)"
            $row = [pscustomobject]@{
                id = '2'
                at = '2026-01-02T03:04:05Z'
                u = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
                j = '{"a":1}'
                m = 'ok'
                n = '1.5'
                t = 'x'
            }
            $null = $row | Invoke-ConcurrentQuery $db 'insert into typed values (@id, @at, @u, @j, @m, @n, @t)'
            $back = Invoke-ConcurrentQuery $db 'select * from typed where id = @id' -Parameter @{ id = '2' }
            $back.id; $back.m; $null -eq (Invoke-ConcurrentQuery $db 'select @x::text' -Parameter @{ x = $null } -Scalar)
            Invoke-ConcurrentQuery $db 'select count(*) from generate_series(1, 5) i where i = any(@ids)' -Parameter @{ ids = 1,
                2L } -Scalar
            Invoke-ConcurrentQuery $db 'select count(*) from unnest(@names) n where n = @one' -Parameter @{ names = 'a',
                'b'; one = 'a' } -Scalar
            """));

    [Fact]
    public async Task A_value_that_looks_like_SQL_stays_a_value_and_moments_are_moments()
        => Assert.Equal("'; drop table x; -- True 5", await TextAsync(Db + """
            Invoke-ConcurrentQuery $db 'select @x::text' -Parameter @{ x = "'; drop table x; --" } -Scalar
            $now = [datetime]::Now
            $same = Invoke-ConcurrentQuery $db 'select @x::timestamptz' -Parameter @{ x = $now } -Scalar
            [Math]::Abs(($same.UtcDateTime - $now.ToUniversalTime()).TotalMilliseconds) -lt 1
            Invoke-ConcurrentQuery $db "select '@no' || @a::text; select @a::int" -Parameter @{ a = 5 } |
                ForEach-Object { $_.psobject.Properties.Value } | ForEach-Object { if ($_ -is [int]) { $_ } }
            """));

    [Fact]
    public async Task Order_and_results_are_those_of_the_engine()
        => Assert.Equal(string.Join(' ', Enumerable.Range(1, 300)) + " Succeeded/2", await TextAsync(Db + """
            1..300 | Invoke-ConcurrentQuery $db 'select @x::int from pg_sleep(0.001 * (@x::int % 3))' -Scalar -Ordered -ThrottleLimit 20
            2 | Invoke-ConcurrentQuery $db 'select @x::int' -Scalar -AsResult | ForEach-Object { "$($_.Status)/$($_.Output)" }
            """));

    [Fact]
    public async Task What_is_stopped_is_canceled_on_the_server()
    {
        var database = (AsyncDatabase)(await RunAsync(Db + "$db"))[0].BaseObject;
        Assert.Equal(
            "TimedOut TimedOut TimedOut 0",
            await TextAsync(
                "(1..3 | Invoke-ConcurrentQuery $db 'select pg_sleep(@x::int + 1000)' -ItemTimeout 100ms -AsResult).Status | "
                    + "ForEach-Object { \"$_\" }\n" + NothingRuns));

        ScriptRun run = Session.Start("1..6 | Invoke-ConcurrentQuery $db 'select pg_sleep(@x::int + 1000)'");
        await Condition.UntilAsync(() => database.InUse == 6, "the queries run");
        await run.StopAsync();
        Assert.Equal("0", await TextAsync(NothingRuns));

        Assert.Equal("1 2 0", await TextAsync("""
            $million = 'select a as i from generate_series(1, 1000) a, generate_series(1, 1000) b, generate_series(1, 1000) c'
            foreach ($once in 1) {
                Invoke-ConcurrentQuery $db $million |
                    ForEach-Object { ++$n; $n; if ($n -eq 2) { break } }
            }

            """ + NothingRuns));
        Assert.Equal("0", await TextAsync("$db.InUse"));
    }

    [Fact]
    public async Task A_pool_serves_two_hundred_callers_with_its_few_connections()
        => Assert.Equal("200 True 0", await TextAsync(Db + """
            $most = 0
            $rows = 1..200 |
                Invoke-ConcurrentQuery $db "select @x::int, (select count(*) from pg_stat_activity
                    where application_name = 'AsyncPs' and state = 'active') as n from pg_sleep(0.002)" -ThrottleLimit 200
            $rows.Count
            foreach ($row in $rows) { $most = [Math]::Max($most, $row.n) }
            $most -le 6
            $db.InUse
            """));

    [Fact]
    public async Task Queries_that_feed_each_other_get_on_with_one_connection()
        => Assert.Equal("2000", await TextAsync("""
            $global:db = Connect-AsyncDatabase -PostgreSql $server -PoolSize 1
            (Invoke-ConcurrentQuery $db 'select i from generate_series(1, 2000) i' | Invoke-ConcurrentQuery $db 'select @i::int as i' |
                Invoke-ConcurrentQuery $db 'select @i::int as i').Count
            """));

    [Fact]
    public async Task Of_a_million_rows_nobody_keeps_those_that_were_read()
    {
        Session.Set("watch", new RowWatch());
        await RunAsync(Db);

        ScriptRun run = await Session.RunAsync(
            """
            $n = 0
            Invoke-ConcurrentQuery $db 'select i, i::text as t from generate_series(1, 1000000) i' |
                . { process { if (++$n % 1000 -eq 0) { $watch.Add($_) }; if ($n -eq 999000) { $kept = $watch.CountKept() } } }
            "$n"; "$($watch.Count)"; $kept
            """,
            WaitLimit);

        Assert.Empty(run.Errors);
        Assert.Equal(["1000000", "1000"], run.Output.Take(2));
        Assert.InRange((int)run.Output[2]!, 0, 50);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";Max Auto Prepare=10;Auto Prepare Min Usages=2")]
    public async Task Tables_and_types_may_change_between_two_runs(string settings)
    {
        Session.Set("settings", settings);

        Assert.Equal("1 1 1 b ok", await TextAsync(
            "$global:db = Connect-AsyncDatabase -PostgreSql ($server + $settings) -PoolSize 6\n" + """
            $null = Invoke-ConcurrentQuery $db 'drop table if exists changing; create table changing as select 1 as a'
            1..3 | ForEach-Object { Invoke-ConcurrentQuery $db 'select * from changing' | ForEach-Object a }
            $null = Invoke-ConcurrentQuery $db "drop table changing; create table changing as select 'b'::text as a"
            Invoke-ConcurrentQuery $db 'select * from changing' | ForEach-Object a
            $null = Invoke-ConcurrentQuery $db "drop type if exists late cascade; create type late as enum ('ok')"
            Invoke-ConcurrentQuery $db "select 'ok'::late" -Scalar
            """));
    }

    [Fact]
    public async Task A_session_that_somebody_has_changed_is_like_new_for_the_next()
        => Assert.Equal("3 0", await TextAsync(Db + """
            (Invoke-ConcurrentQuery $db "create temp table mine (i int); insert into mine values (1);
                set search_path = nowhere; select 3 as n").n
            Invoke-ConcurrentQuery $db "select count(*) from pg_class where relname = 'mine' and pg_table_is_visible(oid)" -Scalar
            """));

    private static string Short(string type) => type switch
    {
        "System.Int16" => "short",
        "System.Int32" => "int",
        "System.Int64" => "long",
        "System.Decimal" => "decimal",
        "System.Numerics.BigInteger" => "bigint",
        "System.Single" => "float",
        "System.Boolean" => "bool",
        "System.String" => "string",
        "System.Guid" => "guid",
        "System.Byte[]" => "byte[]",
        "System.DateTime" => "datetime",
        "System.TimeSpan" => "timespan",
        "System.Int32[]" => "int[]",
        "System.Nullable`1[System.Int32][]" => "System.Nullable[int][]",
        "System.String[]" => "string[]",
        "System.Net.IPAddress" => "ipaddress",
        _ => type,
    };
}
