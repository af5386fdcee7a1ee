namespace AsyncPs.Bench.Cases;

/// <summary>The cost of an item: bodies that only compute.</summary>
internal static class ItemCases
{
    private const string Trivial = "$_";
    private const string Setting = "$factor = 2; ";
    private const string Outer = "$_ * $factor";
    private const string Loop = "$sum = 0; for ($i = 0; $i -lt 100; $i++) { $sum += $i }; $sum";

    public static IEnumerable<Benchmark> All()
    {
        foreach (int count in (int[])[1, 100, 10_000, 100_000])
        {
            foreach (int limit in (int[])[2, 8, 64])
            {
                yield return AgainstSequential("trivial", Trivial, count, limit, count == 100_000 && limit == 2 ? 1.2 : null);
            }
        }

        yield return AgainstSequential("with a variable of the caller", Outer, 100_000, 2, bar: null);
        foreach (int limit in (int[])[2, 8, 64])
        {
            yield return AgainstSequential("100-step loop", Loop, 10_000, limit, limit == 2 ? 0.15 : null);
        }

        yield return AgainstParallel(1, 5, 1 / 4.0);
        yield return AgainstParallel(100, 5, null);
        yield return AgainstParallel(10_000, 5, 1 / 300.0, maxRounds: 3);
    }

    private static Benchmark AgainstSequential(string name, string body, int count, int limit, double? bar) => new(
        $"{count:N0} items, {name}, limit {limit}, against sequential",
        "ms",
        Script("Invoke-Concurrent", $"{Setting}1..{count} | Invoke-Concurrent {{ {body} }} -ThrottleLimit {limit}"),
        [
            Script("ForEach-Object", $"{Setting}1..{count} | ForEach-Object {{ {body} }}"),
            Script("foreach", $"{Setting}foreach ($_ in 1..{count}) {{ {body} }}"),
        ],
        bar);

    private static Benchmark AgainstParallel(int count, int limit, double? bar, int maxRounds = int.MaxValue) => new(
        $"{count:N0} items, trivial, limit {limit}, against -Parallel",
        "ms",
        Script("Invoke-Concurrent", $"1..{count} | Invoke-Concurrent {{ {Trivial} }} -ThrottleLimit {limit}"),
        [Script("ForEach-Object -Parallel", $"1..{count} | ForEach-Object -Parallel {{ {Trivial} }} -ThrottleLimit {limit}")],
        bar,
        maxRounds);

    private static Contestant Script(string name, string script) => new(name, () => Session.Shared.Time(script));
}
