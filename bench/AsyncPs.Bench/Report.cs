using System.Globalization;

namespace AsyncPs.Bench;

/// <summary>Prints results as a table of medians and ratios.</summary>
internal static class Report
{
    /// <summary>Prints each result as it comes.</summary>
    /// <returns>The exit code: 0 when every bar was met.</returns>
    public static int Print(IEnumerable<Result> results)
    {
        Console.WriteLine("| benchmark | Invoke-Concurrent | against | ratio | bar | met |");
        Console.WriteLine("|---|---|---|---|---|---|");
        int missed = 0;
        foreach (Result result in results)
        {
            missed += result.Met == false ? 1 : 0;
            Console.WriteLine(Row(result));
        }

        Console.WriteLine();
        Console.WriteLine(missed == 0 ? "All bars met." : $"{missed} bars missed.");
        return missed == 0 ? 0 : 1;
    }

    private static string Row(Result result)
    {
        Benchmark benchmark = result.Benchmark;
        string others = string.Join(", ", benchmark.Others.Select((o, i) => $"{o.Name} {Number(result.Others[i])} {benchmark.Unit}"));
        string bar = benchmark.Bar is { } value ? $"≤ {value.ToString("G3", CultureInfo.InvariantCulture)}" : "";
        string met = result.Met switch { true => "yes", false => "**no**", null => "" };
        return $"| {benchmark.Name} | {Number(result.Subject)} {benchmark.Unit} | {others} | {result.Ratio.ToString("G3", CultureInfo.InvariantCulture)} | {bar} | {met} |";
    }

    private static string Number(double value) => value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
