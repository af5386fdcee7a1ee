using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Bench;

/// <summary>
/// Runs benchmarks: a warm-up of everyone, then rounds in which everyone runs once, so that drift of the machine hits all alike.
/// </summary>
internal static class Runner
{
    private const int WarmUpRounds = 25;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(3);

    public static IEnumerable<Result> Run(IEnumerable<Benchmark> benchmarks, int rounds, Action<string>? each = null)
    {
        foreach (Benchmark benchmark in benchmarks)
        {
            Contestant[] all = [benchmark.Subject, .. benchmark.Others];
            var measures = all.Select(_ => new List<double>()).ToArray();
            string?[] missing = Array.ConvertAll(all, static contestant => contestant.Missing?.Invoke());
            for (int i = 0; i < all.Length; i++)
            {
                if (missing[i] is null)
                {
                    WarmUp(all[i], benchmark.MaxRounds);
                }
            }

            for (int round = 0; round < Math.Min(rounds, benchmark.MaxRounds); round++)
            {
                for (int i = 0; i < all.Length; i++)
                {
                    int turn = (i + round) % all.Length;
                    if (missing[turn] is null)
                    {
                        measures[turn].Add(all[turn].Measure());
                    }
                }
            }

            for (int i = 0; each is not null && i < all.Length; i++)
            {
                IEnumerable<string> texts = measures[i].Select(static measure => measure.ToString("F3", CultureInfo.InvariantCulture));
                each($"{benchmark.Name}: {all[i].Name}: {string.Join(", ", texts)} {benchmark.Unit}");
            }

            double[] medians = Array.ConvertAll(measures, Median);
            yield return new Result(benchmark, medians[0], medians[1..], missing[1..]);
        }
    }

    // The runtime compiles what runs often once more, and better, while it runs.
    private static void WarmUp(Contestant contestant, int maxRounds)
    {
        long start = Stopwatch.GetTimestamp();
        int rounds = 0;
        do
        {
            contestant.Measure();
        }
        while (++rounds < Math.Min(WarmUpRounds, maxRounds) && Stopwatch.GetElapsedTime(start) < WarmUpTime);
    }

    /// <summary>The median of values, NaN if there are none. Sorts them.</summary>
    public static double Median(List<double> values)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        values.Sort();
        int middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
