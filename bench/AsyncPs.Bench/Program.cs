using AsyncPs.Bench;
using AsyncPs.Bench.Cases;
using AsyncPs.Bench.Databases;
using AsyncPs.Bench.Http;

// asyncps-bench [--rounds N] [--filter TEXT] [--list]        runs the benchmarks and prints a table
// asyncps-bench --probe NAME                                 (itself, in a new process) runs one measurement and prints a number
if (args is ["--probe", string probe])
{
    Console.WriteLine(Probes.Run(probe).ToString("F3", System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--server"])
{
    BenchServer.Run();
    return 0;
}

Options options = Options.Parse(args);
IReadOnlyList<Benchmark> all = [.. ItemCases.All(), .. SleepCases.All(), .. OptionCases.All(), .. ThrottleCases.All(), .. JobCases.All(), .. QueueCases.All(), .. PatternCases.All(), .. ProcessCases.All(), .. HttpCases.All(), .. DatabaseCases.All()];
Benchmark[] chosen = [.. all.Where(b => options.Matches(b.Name))];
if (options.List)
{
    foreach (Benchmark benchmark in chosen)
    {
        Console.WriteLine(benchmark.Name);
    }

    return 0;
}

return Report.Print(Runner.Run(chosen, options.Rounds));
