namespace AsyncPs.Bench.Cases;

/// <summary>Waiting bodies against the ideal: items × wait / limit.</summary>
internal static class SleepCases
{
    public static IEnumerable<Benchmark> All()
    {
        yield return AgainstIdeal(count: 640, limit: 64, milliseconds: 100, bar: 1.15);
        yield return AgainstIdeal(count: 80, limit: 8, milliseconds: 100, bar: null);
        yield return AgainstIdeal(count: 5_000, limit: 8, milliseconds: 1, bar: null);
        yield return AgainstIdeal(count: 5_000, limit: 64, milliseconds: 1, bar: null);
    }

    private static Benchmark AgainstIdeal(int count, int limit, int milliseconds, double? bar) => new(
        $"{count:N0} bodies sleeping {milliseconds} ms at limit {limit}",
        "ms",
        new Contestant("Invoke-Concurrent", () => Session.Shared.Time(
            $"1..{count} | Invoke-Concurrent {{ [System.Threading.Thread]::Sleep({milliseconds}) }} -ThrottleLimit {limit}")),
        [new Contestant("ideal", () => (double)count * milliseconds / limit)],
        bar);
}
