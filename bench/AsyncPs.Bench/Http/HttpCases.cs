using AsyncPs.Bench.Cases;

namespace AsyncPs.Bench.Http;

/// <summary>The cost of requests, with many in flight and with many that only wait.</summary>
internal static class HttpCases
{
    private const int Count = 20_000;

    // They take a few tenths of a second.
    private const int ParallelCount = 400;

    public static IEnumerable<Benchmark> All()
    {
        foreach (int inFlight in (int[])[64, 256])
        {
            yield return OverHttp1(inFlight);
            yield return OverHttp2(inFlight);
        }

        // The other side is the bound.
        yield return Waiting("working set", "MB", Probes.WaitingMemory, allowed: 150);
        yield return Waiting("threads", "", Probes.WaitingThreads, allowed: 8);
    }

    private static Benchmark OverHttp1(int inFlight) => new(
        $"HTTP/1.1, {inFlight} requests in flight",
        "µs",
        Invoke(inFlight, "", static () => ServerProcess.Shared.Http),
        [
            new Contestant("HttpClient", () => RawLoop.OverHttp1(Uris(ServerProcess.Shared.Http), inFlight)),
            Peers.Aiohttp(inFlight, uvloop: true, bar: 1 / 3.5),
            Peers.Aiohttp(inFlight, uvloop: false, bar: null),
            Peers.Httpx(inFlight, bar: 1 / 15.0),
            Peers.Curl(inFlight, bar: 1),
            Peers.Wrk(inFlight),
            Parallel(inFlight, bar: 1 / 20.0),
        ],
        Bar: 1 / 0.8);

    private static Benchmark OverHttp2(int inFlight) => new(
        $"HTTP/2, {inFlight} requests in flight",
        "µs",
        Invoke(inFlight, "-HttpVersion 2", static () => ServerProcess.Shared.Http2),
        [new Contestant("HttpClient", () => RawLoop.OverHttp2(Uris(ServerProcess.Shared.Http2), inFlight))],
        Bar: 1 / 0.85);

    private static Benchmark Waiting(string what, string unit, string probe, double allowed) => new(
        $"{what} above the start while 10,000 requests wait",
        unit,
        new Contestant("Invoke-Concurrent", () => SelfProcess.Probe(probe)),
        [new Contestant("allowed", () => allowed)],
        Bar: 1,
        MaxRounds: 1);

    private static Contestant Invoke(int inFlight, string options, Func<string> server) => new("Invoke-Concurrent", () =>
    {
        Session.Shared.Set("uris", Uris(server()));
        return Session.Shared.Time($"$uris | Invoke-Concurrent -ThrottleLimit {inFlight} {options}") * 1000 / Count;
    });

    private static Contestant Parallel(int inFlight, double? bar) => new("-Parallel with HttpClient", () =>
    {
        Session.Shared.Set("base", ServerProcess.Shared.Http);
        return Session.Shared.Time($$"""
            $client = [Net.Http.HttpClient]::new()
            1..{{ParallelCount}} |
                ForEach-Object -Parallel {
                    ($using:client).GetStringAsync("$using:base/items/$_").GetAwaiter().GetResult()
                } -ThrottleLimit {{inFlight}}
            $client.Dispose()
            """) * 1000 / ParallelCount;
    })
    {
        Bar = bar,
    };

    private static string[] Uris(string server) => [.. Enumerable.Range(0, Count).Select(n => $"{server}/items/{n}")];
}
