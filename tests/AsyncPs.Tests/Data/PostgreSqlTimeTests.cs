using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>
/// A time means the same in a query and in a load, regardless of the time zones of the client and the session. A time without an offset is
/// in the zone of the session.
/// </summary>
public sealed class PostgreSqlTimeTests(PostgreSqlServer server) : PostgreSqlTest(server)
{
    private const string Script = """
        $db = Connect-AsyncDatabase -PostgreSql $server
        $null = Invoke-ConcurrentQuery $db 'drop table if exists times;
            create table times (n text, i integer, a timestamp, z timestamptz, d date)' -NonQuery
        $utc = [datetime]::new(2024, 6, 1, 12, 34, 0, [DateTimeKind]::Utc)
        $values = [ordered]@{
            clock = [datetime]'2024-06-01 12:34'
            local = [datetime]::new(2024, 6, 1, 5, 0, 0, [DateTimeKind]::Local)
            utc = $utc
            offset = [datetimeoffset]'2024-06-01 03:34+02:00'
            text = '2024-06-01 12:34'
            textoffset = '2024-06-01 12:34+02'
            textutc = '2024-06-01T12:34:00Z'
            gap = [datetime]'2024-03-10 02:30'
            twice = [datetime]'2024-11-03 01:30'
            day = [DateOnly]'2024-06-01'
            least = [datetime]::MinValue
            most = [datetime]::MaxValue
        }
        foreach ($key in $values.Keys) {
            $v = $values[$key]
            $null = [pscustomobject]@{ n = "$key q"; i = 1; a = $v; z = $v; d = $v } |
                Invoke-ConcurrentQuery $db 'insert into times values (@n, @i, @a, @z, @d)' -NonQuery
            $null = [pscustomobject]@{ n = "$key b"; i = 1; a = $v; z = $v; d = $v } | Import-ConcurrentData $db times
            $null = [pscustomobject]@{ n = "$key t"; i = '1'; a = $v; z = $v; d = $v } | Import-ConcurrentData $db times
        }
        Invoke-ConcurrentQuery $db "select split_part(n, ' ', 1) || '|'
            || string_agg(distinct concat_ws('|', a, z at time zone 'utc', d), ' <> ') || '|' || count(*) as t
            from times group by split_part(n, ' ', 1)" |
            ForEach-Object t
        """;

    public static TheoryData<string, string[]> Zones => new()
    {
        {
            "America/New_York",
            [
                "clock|2024-06-01 12:34:00|2024-06-01 16:34:00|2024-06-01",
                "local|2024-05-31 19:30:00|2024-05-31 23:30:00|2024-05-31",
                "utc|2024-06-01 08:34:00|2024-06-01 12:34:00|2024-06-01",
                "offset|2024-05-31 21:34:00|2024-06-01 01:34:00|2024-05-31",
                "text|2024-06-01 12:34:00|2024-06-01 16:34:00|2024-06-01",
                "textoffset|2024-06-01 12:34:00|2024-06-01 10:34:00|2024-06-01",
                "textutc|2024-06-01 12:34:00|2024-06-01 12:34:00|2024-06-01",
                "gap|2024-03-10 02:30:00|2024-03-10 07:30:00|2024-03-10",
                "twice|2024-11-03 01:30:00|2024-11-03 06:30:00|2024-11-03",
                "day|2024-06-01 00:00:00|2024-06-01 04:00:00|2024-06-01",
                "least|-infinity|-infinity|-infinity",
                "most|infinity|infinity|infinity",
            ]
        },
        {
            "<+02>-02",
            ["clock|2024-06-01 12:34:00|2024-06-01 10:34:00|2024-06-01", "local|2024-06-01 01:30:00|2024-05-31 23:30:00|2024-06-01"]
        },
        { "UTC", ["clock|2024-06-01 12:34:00|2024-06-01 12:34:00|2024-06-01", "local|2024-05-31 23:30:00|2024-05-31 23:30:00|2024-05-31"] },
    };

    [Theory]
    [MemberData(nameof(Zones))]
    public async Task A_query_and_a_load_store_the_same_moment(string zone, string[] stored)
    {
        string script =
            $"Import-Module '{BuiltModule.Manifest}', '{BuiltModule.DataManifest}'\n$server = '{Server.ConnectionString};Timezone={zone}'\n"
                + Script;
        using ChildProcess process = ChildProcess.StartPowerShell(["-Command", script], environment: ("TZ", "Asia/Kolkata"));
        ChildResult result = await process.ExitAsync();

        Assert.Equal("", result.Error);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => Assert.EndsWith("|3", line, StringComparison.Ordinal));
        Assert.Superset(stored.Select(static line => line + "|3").ToHashSet(), lines.ToHashSet());
    }
}
