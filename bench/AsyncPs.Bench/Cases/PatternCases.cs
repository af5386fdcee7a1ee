namespace AsyncPs.Bench.Cases;

/// <summary>The cost of the patterns if they have nothing to do.</summary>
internal static class PatternCases
{
    private const int Calls = 20_000;

    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            $"{Calls:N0} hits of a cache",
            "ms",
            Calling(
                "Get-AsyncCache",
                "$cache = New-AsyncCache; $null = Get-AsyncCache $cache 'key' { 42 }",
                "Get-AsyncCache $cache 'key' { 42 }"),
            [Calling(
                "a hashtable through a function",
                "$table = @{ key = 42 }; function Get-Value($key) { $table[$key] }",
                "Get-Value 'key'")],
            Bar: 2);
        yield return Added("a retry that never retries", "", "-RetryCount 3");
        yield return Added("an idle circuit breaker", "$breaker = New-CircuitBreaker", "-CircuitBreaker $breaker");
        yield return AddedToBlock("a retry that never retries, around a block", "", "Invoke-WithRetry { 42 }");
        yield return AddedToBlock(
            "the same with an idle circuit breaker",
            "$breaker = New-CircuitBreaker",
            "Invoke-WithRetry { 42 } -CircuitBreaker $breaker");
    }

    // What a parameter adds to an item, with its bound.
    private static Benchmark Added(string name, string before, string parameter)
    {
        const string Items = "1..20000 | Invoke-Concurrent { $_ } -ThrottleLimit 2";
        return new Benchmark(
            $"{name}, an item",
            "µs",
            new Contestant(parameter, () => (Least($"{before}; {Items} {parameter}") - Least(Items)) * 1000 / Calls),
            [new Contestant("allowed", static () => 1)],
            Bar: 1);
    }

    // By chance of its threads, a call of short items has one of two speeds. The minimum of some runs has the faster one.
    private static double Least(string script) => Enumerable.Range(0, 5).Min(_ => Session.Shared.Time(script));

    // A cmdlet per call has the cost of a cmdlet, so it is compared with one that does equally little.
    private static Benchmark AddedToBlock(string name, string before, string call) => new(
        $"{Calls:N0} × {name}",
        "ms",
        Calling("Invoke-WithRetry", before, call),
        [Calling("Use-Throttle", "$throttle = New-Throttle -Limit 1", "Use-Throttle $throttle { 42 }")],
        Bar: null);

    private static Contestant Calling(string name, string before, string call)
        => new(name, () => Session.Shared.Time($"{before}; foreach ($i in 1..{Calls}) {{ {call} }}"));
}
