namespace AsyncPs.Bench;

/// <summary>One contestant of a benchmark.</summary>
/// <param name="Name">Who it is.</param>
/// <param name="Measure">Runs it once and returns the measure, in the benchmark's unit.</param>
internal sealed record Contestant(string Name, Func<double> Measure)
{
    /// <summary>The most that subject / this one may be, where it is not the first of the others; null when nothing is demanded.</summary>
    public double? Bar { get; init; }

    /// <summary>Says why it cannot run here, or null if it can. Asked once; null if nothing can be missing.</summary>
    public Func<string?>? Missing { get; init; }
}

/// <summary>
/// One comparison: the subject against the others, run in turns in one process on the same machine.
/// </summary>
/// <param name="Name">What is compared.</param>
/// <param name="Unit">The unit of the measures.</param>
/// <param name="Subject">What is judged.</param>
/// <param name="Others">What it is judged against; the first is the one the bar names.</param>
/// <param name="Bar">The most that subject / first other may be, or null when nothing is demanded.</param>
/// <param name="MaxRounds">For slow ones: how many rounds at the most.</param>
internal sealed record Benchmark(
    string Name,
    string Unit,
    Contestant Subject,
    IReadOnlyList<Contestant> Others,
    double? Bar,
    int MaxRounds = int.MaxValue);

/// <summary>The medians of a benchmark; not a number of those that were skipped.</summary>
internal sealed record Result(Benchmark Benchmark, double Subject, IReadOnlyList<double> Others, IReadOnlyList<string?> Skipped)
{
    /// <summary>Subject / another one.</summary>
    public double RatioTo(int other) => Subject / Others[other];

    /// <summary>The bar for the subject against another one.</summary>
    public double? BarOf(int other) => other == 0 ? Benchmark.Bar : Benchmark.Others[other].Bar;

    /// <summary>
    /// Whether the subject is as good as it must be against another one; null when nothing is demanded, or the other was skipped.
    /// </summary>
    public bool? IsMet(int other) => BarOf(other) is { } bar && Skipped[other] is null ? RatioTo(other) <= bar : null;
}
