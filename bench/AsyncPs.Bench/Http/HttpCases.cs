

namespace AsyncPs.Bench.Http;

/// <summary>Requests in flight: what each costs.</summary>
internal static class HttpCases
{
    private const int Count = 20_000;

    public static IEnumerable<Benchmark> All()
    {
        foreach (int inFlight in (int[])[64, 256])
        {
            yield return OverHttp1(inFlight);
            yield return OverHttp2(inFlight);
        }
    }

    private static Benchmark OverHttp1(int inFlight)
    {
        return new Benchmark(
            $"HTTP/1.1, {inFlight} in flight",
            "µs",
            Invoke(inFlight, "", () => ServerProcess.Shared.Http),
            [
                new Contestant("HttpClient", () => RawLoop.OverHttp1(Uris(ServerProcess.Shared.Http), inFlight)),
                Invoke(inFlight, "-As Text", () => ServerProcess.Shared.Http),
            ],
            Bar: 1 / 0.8);
    }

    private static Benchmark OverHttp2(int inFlight)
    {
        return new Benchmark(
            $"HTTP/2, {inFlight} in flight",
            "µs",
            Invoke(inFlight, "-HttpVersion 2", () => ServerProcess.Shared.Http2),
            [new Contestant("HttpClient", () => RawLoop.OverHttp2(Uris(ServerProcess.Shared.Http2), inFlight))],
            Bar: 1 / 0.85);
    }

    private static Contestant Invoke(int inFlight, string options, Func<string> server) => new(options.Length == 0 ? "Invoke-Concurrent" : options, () =>
    {
        Session.Shared.Set("uris", Uris(server()));
        string text = options.Contains("-As", StringComparison.Ordinal) ? "" : "";
        return Session.Shared.Time($"$uris | Invoke-Concurrent -ThrottleLimit {inFlight} {text} {options}") * 1000 / Count;
    });

    private static string[] Uris(string server) => [.. Enumerable.Range(0, Count).Select(n => $"{server}/items/{n}")];
}
