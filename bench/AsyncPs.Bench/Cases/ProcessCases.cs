using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Bench.Cases;

/// <summary>What needs a process of its own: first calls and memory.</summary>
internal static class ProcessCases
{
    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            "first call in a new process",
            "ms",
            new Contestant("Invoke-Concurrent", () => InNewProcess(Probes.FirstConcurrent)),
            [new Contestant("ForEach-Object -Parallel", () => InNewProcess(Probes.FirstParallel))],
            Bar: 1.0);

        // The other side is the bar itself: 64 MB.
        yield return new Benchmark(
            "working set above the start while 5,000,000 items stream through",
            "MB",
            new Contestant("Invoke-Concurrent", () => InNewProcess(Probes.StreamingMemory)),
            [new Contestant("allowed", () => 64)],
            Bar: 1.0,
            MaxRounds: 1);
    }

    private static double InNewProcess(string probe)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(System.Reflection.Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add("--probe");
        start.ArgumentList.Add(probe);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
