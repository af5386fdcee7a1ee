using System.Globalization;
using AsyncPs.Bench.Cases;
using AsyncPs.Bench.Databases;
using AsyncPs.Bench.Growth;
using AsyncPs.Bench.Http;
using AsyncPs.Bench.Messaging;
using AsyncPs.Bench.Page;

namespace AsyncPs.Bench;

/// <summary>What run.ps1 calls in a PowerShell of its own.</summary>
public static class Program
{
    /// <summary>
    /// <code>
    /// [--rounds N] [--filter TEXT] [--list]   runs the benchmarks and prints a table
    /// ... --each                              prints the measures of each round too
    /// --growth [--filter TEXT] [--write]      measures how cost grows with size instead
    /// ... --write                             puts the results into docs/benchmarks.md too; those of other benchmarks stay there
    /// --probe NAME                            (for itself, in a new process) runs one measurement and prints a number
    /// </code>
    /// </summary>
    /// <returns>The exit code: 0 when every bar was met.</returns>
    public static int Run(string[] args)
    {
        if (args is ["--probe", string probe])
        {
            Console.WriteLine(Probes.Run(probe).ToString("F3", CultureInfo.InvariantCulture));
            return 0;
        }

        Options options = Options.Parse(args);
        IReadOnlyList<Benchmark> all =
        [
            .. ItemCases.All(), .. SleepCases.All(), .. AwaitCases.All(), .. OptionCases.All(), .. ListenerCases.All(),
            .. ThrottleCases.All(), .. JobCases.All(), .. RemoteCases.All(), .. QueueCases.All(), .. PatternCases.All(),
            .. ProcessCases.All(), .. HttpCases.All(),
            .. DatabaseCases.All(), .. MessagingCases.All(),
        ];
        GrowthSeries[] series = [.. GrowthCases.All()];
        Benchmark[] chosen = options.Growth ? [] : [.. all.Where(b => options.Matches(b.Name))];
        if (options.List)
        {
            foreach (Benchmark benchmark in chosen)
            {
                Console.WriteLine(benchmark.Name);
            }

            return 0;
        }

        List<Result> results = [];
        List<GrowthRow> growth = [];
        int exitCode = 0;
        if (options.Growth)
        {
            growth.AddRange(Report.Print(series.Where(s => options.Matches(s.Name)).SelectMany(GrowthRunner.Run)));
        }
        else
        {
            exitCode = Report.Print(Runner.Run(chosen, options.Rounds, options.Each ? Console.Error.WriteLine : null).Select(result =>
            {
                results.Add(result);
                return result;
            }));
        }

        if (options.Write)
        {
            string root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Session.ModulePath)))!;
            BenchmarkPage.Write(
                root,
                results.SelectMany(result => Row.Of(result, options.Rounds)),
                all.Select(static benchmark => benchmark.Name),
                growth,
                series.Select(static s => s.Name));
        }

        return exitCode;
    }
}
