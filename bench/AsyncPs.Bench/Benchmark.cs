namespace AsyncPs.Bench;

/// <summary>One contestant of a benchmark.</summary>
/// <param name="Name">Who it is.</param>
/// <param name="Measure">Runs it once and returns the measure, in the benchmark's unit.</param>
internal sealed record Contestant(string Name, Func<double> Measure);

/// <summary>
/// One comparison: the subject against the others, run in turns in one process on the same machine.
/// </summary>
/// <param name="Name">What is compared.</param>
/// <param name="Unit">The unit of the measures.</param>
/// <param name="Subject">What is judged.</param>
/// <param name="Others">What it is judged against; the first is the one the bar names.</param>
/// <param name="Bar">The most that subject / first other may be, or null when nothing is demanded.</param>
/// <param name="MaxRounds">For slow ones: how many rounds at the most.</param>
internal sealed record Benchmark(string Name, string Unit, Contestant Subject, IReadOnlyList<Contestant> Others, double? Bar, int MaxRounds = int.MaxValue);

/// <summary>The medians of a benchmark.</summary>
internal sealed record Result(Benchmark Benchmark, double Subject, IReadOnlyList<double> Others)
{
    public double Ratio => Subject / Others[0];

    public bool? Met => Benchmark.Bar is { } bar ? Ratio <= bar : null;
}
