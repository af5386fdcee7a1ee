namespace AsyncPs.Bench.Page;

/// <summary>A row of the page: a benchmark against one competitor.</summary>
/// <param name="Benchmark">The name of the benchmark.</param>
/// <param name="Unit">The unit of the measures; less is better.</param>
/// <param name="Subject">The subject's name.</param>
/// <param name="Measure">The subject's median.</param>
/// <param name="Other">The competitor's name.</param>
/// <param name="OtherMeasure">The competitor's median; null if it was skipped.</param>
/// <param name="Skipped">Why it was skipped.</param>
/// <param name="Rounds">The number of rounds.</param>
internal sealed record Row(
    string Benchmark,
    string Unit,
    string Subject,
    double Measure,
    string Other,
    double? OtherMeasure,
    string? Skipped,
    int Rounds)
{
    private static readonly HashSet<string> Bounds = ["allowed", "ideal", "exact"];

    /// <summary>Whether the other side is a bound instead of a competitor.</summary>
    public bool IsBound => Bounds.Contains(Other);

    /// <summary>The ratio of the other to the subject: above 1 the subject needs less.</summary>
    public double? Advantage => OtherMeasure / Measure;

    public static IEnumerable<Row> Of(Result result, int rounds)
    {
        Benchmark benchmark = result.Benchmark;
        return benchmark.Others.Select((other, i) => new Row(
            benchmark.Name,
            benchmark.Unit,
            benchmark.Subject.Name,
            result.Subject,
            other.Name,
            double.IsNaN(result.Others[i]) ? null : result.Others[i],
            result.Skipped[i],
            Math.Min(rounds, benchmark.MaxRounds)));
    }
}
