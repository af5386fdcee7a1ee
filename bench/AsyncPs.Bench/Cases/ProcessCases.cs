using System.Globalization;

namespace AsyncPs.Bench.Cases;

/// <summary>Measurements in a new process: first calls and memory.</summary>
internal static class ProcessCases
{
    private const double AllowedForImport = 60;

    // The cost of any compiled module in PowerShell.
    private const string MakeEmptyModule = """
        Add-Type -OutputAssembly $env:ASYNCPS_EMPTY -TypeDefinition 'using System.Management.Automation;
            [Cmdlet("Get", "Empty")] public sealed class GetEmpty : Cmdlet { }'
        """;

    private static readonly Lazy<string> EmptyModule = new(static () =>
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("asyncps-bench").FullName, "Empty.dll");
        Environment.SetEnvironmentVariable("ASYNCPS_EMPTY", path);
        Programs.Run(Environment.ProcessPath!, SelfProcess.PowerShell("-Command", MakeEmptyModule));
        return path;
    });

    public static IEnumerable<Benchmark> All()
    {
        yield return new Benchmark(
            "import in a new pwsh, above that of an empty compiled module",
            "ms",
            new Contestant("Import-Module AsyncPs", static () => Math.Max(0.1, Import(Session.ModulePath) - Import(EmptyModule.Value))),
            [new Contestant("allowed", static () => AllowedForImport)],
            Bar: 1.0);

        yield return new Benchmark(
            "first call in a new process",
            "ms",
            new Contestant("Invoke-Concurrent", () => SelfProcess.Probe(Probes.FirstConcurrent)),
            [new Contestant("ForEach-Object -Parallel", () => SelfProcess.Probe(Probes.FirstParallel))],
            Bar: 1.0);

        // The other side is the bound: 64 MB.
        yield return new Benchmark(
            "working set above the start while 5,000,000 items stream through",
            "MB",
            new Contestant("Invoke-Concurrent", () => SelfProcess.Probe(Probes.StreamingMemory)),
            [new Contestant("allowed", () => 64)],
            Bar: 1.0,
            MaxRounds: 1);
    }

    private static double Import(string module) => double.Parse(
        Programs.Run(
            Environment.ProcessPath!,
            SelfProcess.PowerShell(
                "-Command",
                $"$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '{module}'; "
                    + "$watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)")),
        CultureInfo.InvariantCulture);
}
