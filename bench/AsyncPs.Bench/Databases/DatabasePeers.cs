using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AsyncPs.Tests.Data.Support;

namespace AsyncPs.Bench.Databases;

/// <summary>Other programs that query and load. Missing ones are skipped, with a message.</summary>
internal static partial class DatabasePeers
{
    private const string Host = "127.0.0.1";
    private const string Database = "postgres";

    /// <summary>asyncpg, with one pooled connection per look-up in flight; in microseconds per look-up.</summary>
    public static Contestant Asyncpg(int count, int inFlight, double? bar)
        => PythonPeer.Create(
            "asyncpg",
            ["asyncpg"],
            () => ["asyncpg_client.py", Host, Port, PostgreSqlCluster.User, Database, Text(count), Text(inFlight)],
            bar);

    /// <summary>pgbench, the limit, because it does nothing with the rows; in microseconds per look-up.</summary>
    public static Contestant PgBench(string name, string[] options, int count, int inFlight, double? bar)
    {
        const int Threads = 2;
        return new Contestant(name, () =>
        {
            string report = Programs.Run(
                "pgbench",
                ["-S", "-n", .. options, "-c", Text(inFlight), "-j", Text(Threads), "-t", Text(count / inFlight), .. Connection, Database]);
            return 1e6 / double.Parse(PerSecond().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);
        })
        {
            Bar = bar,
            Missing = static () => Programs.Runs("pgbench", "--version") ? null : "it is not installed",
        };
    }

    /// <summary>ForEach-Object -Parallel with Npgsql and pooled connections; in microseconds per look-up.</summary>
    public static Contestant Parallel(Lazy<Session> session, int count, int inFlight, double? bar) => new("-Parallel with Npgsql", () =>
    {
        session.Value.Set("source", DatabaseServer.Shared.Source);
        return session.Value.Time($$"""
            1..{{count}} | ForEach-Object -ThrottleLimit {{inFlight}} -Parallel {
                $connection = ($using:source).OpenConnection()
                $command = $connection.CreateCommand()
                $command.CommandText = 'select abalance from pgbench_accounts where aid = @aid'
                $null = $command.Parameters.AddWithValue('aid', $_)
                $reader = $command.ExecuteReader()
                while ($reader.Read()) { [pscustomobject] @{ abalance = $reader.GetValue(0) } }
                $reader.Dispose()
                $connection.Dispose()
            }
            """) * 1000 / count;
    })
    {
        Bar = bar,
    };

    /// <summary>psql's \copy of the same rows in a file; in seconds.</summary>
    public static Contestant Copy(Lazy<BulkRows> rows, double? bar) => new("\\copy", () =>
    {
        BulkRows.Empty();
        string file = rows.Value.File;
        long start = Stopwatch.GetTimestamp();
        Programs.Run("psql", ["-q", .. Connection, "-c", $"\\copy {BulkRows.Table} from '{file}' csv", Database]);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    })
    {
        Bar = bar,
        Missing = static () => Programs.Runs("psql", "--version") ? null : "psql is not installed",
    };

    private static string Port => Text(DatabaseServer.Shared.Port);

    private static string[] Connection => ["-h", Host, "-p", Port, "-U", PostgreSqlCluster.User];

    [GeneratedRegex(@"tps = ([\d.]+) \(without initial connection time\)")]
    private static partial Regex PerSecond();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
