namespace AsyncPs.Bench.Cases;

/// <summary>The cost of the options of a call, against a plain call.</summary>
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
        yield return AgainstPlain("-Statistics s", null);
        yield return Capture();
        yield return new Benchmark(
            "10,000 × Task.Delay(100), all in flight",
            "ms",
            Script("Invoke-Concurrent", "1..10000 | Invoke-Concurrent { [System.Threading.Tasks.Task]::Delay(100) } -ThrottleLimit 10000"),
            [new Contestant("ideal", static () => 100)],
            Bar: 1.3);
    }

    // The cost of ten names in the block: variables, and functions that call functions.
    private static Benchmark Capture()
    {
        const int calls = 100;
        const string names = """
            $a = 1; $b = 'two'; $c = @(3); $d = @{ four = 4 }; $e = 5.5; $f = [datetime]::new(6)
            function g { h }; function h { 7 }; function i { j }; function j { 8 }
            """;
        const string block = "{ $null = $a, $b, $c, $d, $e, $f; if ($_ -lt 0) { g; i }; $_ }";
        string loop = $"{names}\nfor ($n = 0; $n -lt {calls}; $n++) {{ 1 | Invoke-Concurrent {block}";
        return new Benchmark(
            "capture of ten names, a call",
            "ms",
            new Contestant(
                "Invoke-Concurrent",
                () => Math.Max(0.001, (Session.Shared.Time(loop + " }") - Session.Shared.Time(loop + " -NoCapture }")) / calls)),
            [new Contestant("allowed", static () => 0.3)],
            Bar: 1.0);
    }

    private static Benchmark AgainstPlain(string option, double? bar) => new(
        $"{Count:N0} items with {option}",
        "ms",
        Script(option, $"{Items} {option}"),
        [Script("plain", Items)],
        bar);

    private static Contestant Script(string name, string script) => new(name, () => Session.Shared.Time(script));
}
