using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AsyncPs.Bench.Http;

/// <summary>Other programs that send requests. Missing ones are skipped, with a message.</summary>
internal static partial class Peers
{
    /// <summary>aiohttp, with uvloop or without.</summary>
    public static Contestant Aiohttp(int inFlight, bool uvloop, double? bar) => uvloop
        ? PythonPeer.Create(
            "aiohttp + uvloop",
            ["aiohttp", "uvloop"],
            () => ["aiohttp_client.py", Server, "10000", Text(inFlight), "uvloop"],
            bar)
        : PythonPeer.Create("aiohttp", ["aiohttp"], () => ["aiohttp_client.py", Server, "5000", Text(inFlight)], bar);

    /// <summary>httpx.</summary>
    public static Contestant Httpx(int inFlight, double? bar)
        => PythonPeer.Create("httpx", ["httpx"], () => ["httpx_client.py", Server, "1000", Text(inFlight)], bar);

    /// <summary>curl, with all requests in one process.</summary>
    public static Contestant Curl(int inFlight, double? bar)
    {
        const int Count = 20_000;
        return new Contestant("curl --parallel", () =>
        {
            long start = Stopwatch.GetTimestamp();
            Programs.Run(
                "curl",
                ["--parallel", "--parallel-max", Text(inFlight), "--silent", "--output", "/dev/null", $"{Server}/items/[1-{Count}]"]);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
        })
        {
            Bar = bar,
            Missing = static () => Programs.Runs("curl", "--version") ? null : "it is not installed",
        };
    }

    /// <summary>wrk, the limit, because it does nothing with the responses.</summary>
    public static Contestant Wrk(int inFlight) => new("wrk", () =>
    {
        string report = Programs.Run("wrk", ["-t1", $"-c{inFlight}", "-d1s", $"{Server}/items/1"]);
        return 1e6 / double.Parse(RequestsPerSecond().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);
    })
    {
        Missing = static () => Programs.Runs("wrk", "-v") ? null : "it is not installed",
    };

    private static string Server => ServerProcess.Shared.Http;

    [GeneratedRegex(@"Requests/sec:\s*([\d.]+)")]
    private static partial Regex RequestsPerSecond();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
