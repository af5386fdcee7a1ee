using System.Globalization;
using AsyncPs.Bench.Growth;

namespace AsyncPs.Bench;

/// <summary>Prints results as a table of medians and ratios.</summary>
internal static class Report
{
    /// <summary>Prints each result as it comes.</summary>
    /// <returns>The exit code: 0 when every bar was met.</returns>
    public static int Print(IEnumerable<Result> results)
    {
        Console.WriteLine("| benchmark | AsyncPs | against | ratio | bar | met |");
        Console.WriteLine("|---|---|---|---|---|---|");
        int missed = 0;
        foreach (Result result in results)
        {
            for (int other = 0; other < result.Others.Count; other++)
            {
                missed += result.IsMet(other) == false ? 1 : 0;
                if (other == 0 || result.BarOf(other) is not null || result.Skipped[other] is not null)
                {
                    Console.WriteLine(Row(result, other));
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine(missed == 0 ? "All bars met." : $"{missed} bars missed.");
        return missed == 0 ? 0 : 1;
    }

    /// <summary>Prints how cost grows, each size as it comes.</summary>
    public static IEnumerable<GrowthRow> Print(IEnumerable<GrowthRow> rows)
    {
        foreach (GrowthRow row in rows)
        {
            Console.WriteLine($"{row.Series}: {row.Size}: {Number(row.Microseconds)} µs, {Number(row.Bytes)} bytes per {row.Each}");
            yield return row;
        }
    }

    // The first row has the measures of all; those that have a bar of their own have a row of their own.
    private static string Row(Result result, int other)
    {
        Benchmark benchmark = result.Benchmark;
        string unit = benchmark.Unit.Length > 0 ? " " + benchmark.Unit : "";
        string name = benchmark.Others[other].Name;
        string ratio = result.Skipped[other] is null ? result.RatioTo(other).ToString("G3", CultureInfo.InvariantCulture) : "";
        string bar = result.BarOf(other) is { } value ? $"≤ {value.ToString("G3", CultureInfo.InvariantCulture)}" : "";
        string met = result.IsMet(other) switch { true => "yes", false => "**no**", null => "" };
        string measures = other > 0
            ? $" | {name}{(result.Skipped[other] is { } reason ? $": skipped, {reason}" : "")}"
            : $"{Number(result.Subject)}{unit} | "
                + string.Join(
                    ", ",
                    benchmark.Others.Select((o, i)
                        => $"{o.Name} {(result.Skipped[i] is null ? Number(result.Others[i]) + unit : "skipped")}"));
        return $"| {(other > 0 ? "" : benchmark.Name)} | {measures} | {ratio} | {bar} | {met} |";
    }

    private static string Number(double value)
        => value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
