using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AsyncPs.Bench.Http;

/// <summary>Other programs that send requests. One that is not installed is skipped, and says so.</summary>
internal static partial class Peers
{
    // The packages of the system first: another Python in the path does not have them.
    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];

    /// <summary>aiohttp, with uvloop or without.</summary>
    public static Contestant Aiohttp(int inFlight, bool uvloop, double? bar) => uvloop
        ? Python("aiohttp + uvloop", ["aiohttp", "uvloop"], () => ["aiohttp_client.py", Server, "10000", Text(inFlight), "uvloop"], bar)
        : Python("aiohttp", ["aiohttp"], () => ["aiohttp_client.py", Server, "5000", Text(inFlight)], bar);

    /// <summary>httpx.</summary>
    public static Contestant Httpx(int inFlight, double? bar)
        => Python("httpx", ["httpx"], () => ["httpx_client.py", Server, "1000", Text(inFlight)], bar);

    /// <summary>curl, which asks for all in one process.</summary>
    public static Contestant Curl(int inFlight, double? bar)
    {
        const int Count = 20_000;
        return new Contestant("curl --parallel", () =>
        {
            long start = Stopwatch.GetTimestamp();
            Programs.Run("curl", ["--parallel", "--parallel-max", Text(inFlight), "--silent", "--output", "/dev/null", $"{Server}/items/[1-{Count}]"]);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
        })
        {
            Bar = bar,
            Missing = static () => Programs.Runs("curl", "--version") ? null : "it is not installed",
        };
    }

    /// <summary>wrk, the limit: it makes nothing of what it gets.</summary>
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

    private static Contestant Python(string name, string[] packages, Func<string[]> arguments, double? bar)
    {
        var python = new Lazy<string?>(() => Array.Find(Pythons, p => Programs.Runs(p, "-c", string.Concat(packages.Select(package => $"import {package};")))));
        return new Contestant(name, () =>
        {
            string[] given = arguments();
            given[0] = Path.Combine(AppContext.BaseDirectory, "Peers", given[0]);
            return double.Parse(Programs.Run(python.Value!, given), CultureInfo.InvariantCulture);
        })
        {
            Bar = bar,
            Missing = () => python.Value is null ? $"no Python here has {string.Join(" and ", packages)}" : null,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
