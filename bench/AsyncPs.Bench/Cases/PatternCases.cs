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
            Calling("Get-AsyncCache", "$cache = New-AsyncCache; $null = Get-AsyncCache $cache 'key' { 42 }", "Get-AsyncCache $cache 'key' { 42 }"),
            [Calling("a hashtable through a function", "$table = @{ key = 42 }; function Get-Value($key) { $table[$key] }", "Get-Value 'key'")],
            Bar: 2);
    }

    private static Contestant Calling(string name, string before, string call)
        => new(name, () => Session.Shared.Time($"{before}; foreach ($i in 1..{Calls}) {{ {call} }}"));
}
