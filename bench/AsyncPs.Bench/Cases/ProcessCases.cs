namespace AsyncPs.Bench.Cases;

/// <summary>What needs a process of its own: first calls and memory.</summary>
internal static class ProcessCases
{
    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            "first call in a new process",
            "ms",
            new Contestant("Invoke-Concurrent", () => SelfProcess.Probe(Probes.FirstConcurrent)),
            [new Contestant("ForEach-Object -Parallel", () => SelfProcess.Probe(Probes.FirstParallel))],
            Bar: 1.0);

        // The other side is the bar itself: 64 MB.
        yield return new Benchmark(
            "working set above the start while 5,000,000 items stream through",
            "MB",
            new Contestant("Invoke-Concurrent", () => SelfProcess.Probe(Probes.StreamingMemory)),
            [new Contestant("allowed", () => 64)],
            Bar: 1.0,
            MaxRounds: 1);
    }
}
