namespace AsyncPs.Bench.Cases;

/// <summary>What the patterns cost where they have nothing to do.</summary>
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

    // What a parameter adds to an item; the bar is what it may.
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

    // A call of short items is quick or half as quick, by how its threads happen to meet; a difference must be one of equals.
    private static double Least(string script) => Enumerable.Range(0, 5).Min(_ => Session.Shared.Time(script));

    // A cmdlet of its own a call costs what cmdlets cost: against another that does as little.
    private static Benchmark AddedToBlock(string name, string before, string call) => new(
        $"{Calls:N0} × {name}",
        "ms",
        Calling("Invoke-WithRetry", before, call),
        [Calling("Use-Throttle", "$throttle = New-Throttle -Limit 1", "Use-Throttle $throttle { 42 }")],
        Bar: null);

    private static Contestant Calling(string name, string before, string call)
        => new(name, () => Session.Shared.Time($"{before}; foreach ($i in 1..{Calls}) {{ {call} }}"));
}
