using System.Globalization;
using System.Text;

namespace AsyncPs.Bench.Page;

/// <summary>docs/benchmarks.md and its chart.</summary>
internal static class BenchmarkPage
{
    /// <summary>Writes the page, the chart and the results that they are made of.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="rows">New results.</param>
    /// <param name="order">All benchmarks, in the order in which they are shown.</param>
    public static void Write(string root, IEnumerable<Row> rows, IEnumerable<string> order)
    {
        SavedResults results = SavedResults.Add(Path.Combine(root, "bench", "results.json"), rows, order);
        Row[] contests = [.. results.Rows.Where(static row => !row.IsBound && row.Advantage is not null)];
        File.WriteAllText(Path.Combine(root, "docs", "benchmarks.svg"), Chart.Draw(contests));
        File.WriteAllText(Path.Combine(root, "docs", "benchmarks.md"), Text(results, contests));
    }

    private static string Text(SavedResults results, IReadOnlyList<Row> contests)
    {
        RunEnvironment here = results.RunEnvironment;
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Made by `./build.ps1 Bench --write`, in PowerShell; do not edit. A command that reproduces one row has `--filter` with the name of its benchmark:
            `./build.ps1 Bench --filter "a job of 1,000"`.

            Each row compares two in the same run: everyone warms up, then all take turns, round by round, so that what the machine does besides hits all alike; the measures are medians of
            the rounds. **The ratio is what the other needs, divided by what AsyncPs needs**: above 1 AsyncPs needs less, below 1 it needs more. Ratios carry over to other machines
            better than measures do, and not fully: measure on yours before you rely on one.

            AsyncPs {here.Module} on PowerShell {here.Engine}, {here.Runtime}; {here.System}; {here.Processors}. {results.Date:yyyy-MM-dd}.

            ![The ratios as bars](benchmarks.svg)

            ## Against others

            | Benchmark | AsyncPs | Against | Ratio | Rounds |
            |---|---|---|---|---|

            """);
        foreach (Row row in contests)
        {
            page.AppendLine(Line(row, row.Advantage!.Value));
        }

        page.Append("""

            ## Where AsyncPs needs more

            """);
        page.AppendLine();
        Row[] lost = [.. contests.Where(static row => row.Advantage < 1).OrderBy(static row => row.Advantage)];
        foreach (Row row in lost)
        {
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"* {row.Benchmark}: {Number(1 / row.Advantage!.Value)} times as much as {row.Other}.");
        }

        page.AppendLine(lost.Length == 0 ? "In none of these rows." : """

            Pure computation in a `foreach` statement has no pipeline to pay for, a semaphore of the framework grants no rates, and a bare loop over `HttpClient` makes no objects, keeps no order and tells no errors.
            """);
        page.Append("""

            ## Against a bound

            What is allowed, exact or ideal stands in the place of the other: memory, threads, start-up, rates, over-head.

            | Benchmark | AsyncPs | Bound | Ratio | Rounds |
            |---|---|---|---|---|

            """);
        foreach (Row row in results.Rows.Where(static row => row.IsBound))
        {
            page.AppendLine(Line(row, row.Advantage!.Value));
        }

        string[] skipped = [.. results.Rows
            .Where(static row => row.Skipped is not null)
            .Select(static row => $"* {row.Benchmark}: {row.Other}, {row.Skipped}.")];
        if (skipped.Length > 0)
        {
            page.AppendLine().AppendLine("## Not measured").AppendLine().AppendJoin('\n', skipped).AppendLine();
        }

        return page.ToString();
    }

    private static string Line(Row row, double advantage)
    {
        string unit = row.Unit.Length > 0 ? " " + row.Unit : "";
        return $"| {row.Benchmark} | {Number(row.Measure)}{unit} | {row.Other} {Number(row.OtherMeasure!.Value)}{unit} | "
            + $"{(advantage < 1 ? Number(advantage) : $"**{Number(advantage)}**")} | {row.Rounds} |";
    }

    private static string Number(double value)
        => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);
}
