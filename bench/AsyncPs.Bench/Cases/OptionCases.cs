namespace AsyncPs.Bench.Cases;

/// <summary>What the options of a call cost, against the plain call.</summary>
internal static class OptionCases
{
    private const int Count = 20_000;
    private const string Items = "1..20000 | Invoke-Concurrent { $_ } -ThrottleLimit 2";

    public static IEnumerable<Benchmark> All()
    {
        yield return AgainstPlain("-Ordered", 1.5);
        yield return AgainstPlain("-AsResult", 2);
        yield return AgainstPlain("-ItemTimeout 60", 1.5);
        yield return AgainstPlain("-FailFast", null);
        yield return AgainstPlain("-RetryCount 3", null);
        yield return AgainstPlain("-BatchSize 64", 1);
        yield return new Benchmark(
            "10,000 × Task.Delay(100), all in flight",
            "ms",
            Script("Invoke-Concurrent", "1..10000 | Invoke-Concurrent { [System.Threading.Tasks.Task]::Delay(100) } -ThrottleLimit 10000"),
            [new Contestant("ideal", static () => 100)],
            Bar: 1.3);
    }

    private static Benchmark AgainstPlain(string option, double? bar) => new(
        $"{Count:N0} items with {option}",
        "ms",
        Script(option, $"{Items} {option}"),
        [Script("plain", Items)],
        bar);

    private static Contestant Script(string name, string script) => new(name, () => Session.Shared.Time(script));
}
