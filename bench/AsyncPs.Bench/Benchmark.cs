namespace AsyncPs.Bench;

/// <summary>A competitor in a benchmark.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Measure">Runs it once and returns the measure, in the benchmark's unit.</param>
internal sealed record Contestant(string Name, Func<double> Measure)
{
    /// <summary>The largest allowed ratio of the subject to this one, if it is not the first of the others; null for no bound.</summary>
    public double? Bar { get; init; }

    /// <summary>Returns why it cannot run here, or null if it can. Called once; null if nothing can be missing.</summary>
    public Func<string?>? Missing { get; init; }
}

/// <summary>
/// A comparison of the subject with the others. They take turns in one process on the same machine.
/// </summary>
/// <param name="Name">What is compared.</param>
/// <param name="Unit">The unit of the measures.</param>
/// <param name="Subject">The competitor to judge.</param>
/// <param name="Others">Its competitors; the bound applies to the first.</param>
/// <param name="Bar">The largest allowed ratio of the subject to the first other; null for no bound.</param>
/// <param name="MaxRounds">The largest number of rounds, for slow benchmarks.</param>
internal sealed record Benchmark(
    string Name,
    string Unit,
    Contestant Subject,
    IReadOnlyList<Contestant> Others,
    double? Bar,
    int MaxRounds = int.MaxValue);

/// <summary>The medians of a benchmark; NaN for skipped competitors.</summary>
internal sealed record Result(Benchmark Benchmark, double Subject, IReadOnlyList<double> Others, IReadOnlyList<string?> Skipped)
{
    /// <summary>The ratio of the subject to another one.</summary>
    public double RatioTo(int other) => Subject / Others[other];

    /// <summary>The largest allowed ratio of the subject to another one.</summary>
    public double? BarOf(int other) => other == 0 ? Benchmark.Bar : Benchmark.Others[other].Bar;

    /// <summary>
    /// Whether the subject meets its bound against another one; null without a bound, or if the other was skipped.
    /// </summary>
    public bool? IsMet(int other) => BarOf(other) is { } bar && Skipped[other] is null ? RatioTo(other) <= bar : null;
}
