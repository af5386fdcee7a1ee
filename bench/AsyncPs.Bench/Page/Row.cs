namespace AsyncPs.Bench.Page;

/// <summary>A row of the page: a benchmark against one competitor.</summary>
/// <param name="Benchmark">What was compared.</param>
/// <param name="Unit">The unit of the measures; less is better.</param>
/// <param name="Subject">Whose.</param>
/// <param name="Measure">The subject's median.</param>
/// <param name="Other">Against whom.</param>
/// <param name="OtherMeasure">Its median; null where it was skipped.</param>
/// <param name="Skipped">Why it was skipped.</param>
/// <param name="Rounds">How many rounds the medians are of.</param>
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

    /// <summary>Whether the other is no contestant but a bound.</summary>
    public bool IsBound => Bounds.Contains(Other);

    /// <summary>The other / the subject: how many times less the subject needs.</summary>
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
