using System.Globalization;

namespace AsyncPs.Bench.Cases;

/// <summary>
/// The cost of a background job, from its start until it is received and removed. Runs in a PowerShell process, which has the cmdlets for
/// jobs.
/// </summary>
internal static class JobCases
{
    private const string Shell = "pwsh";

    // They take some seconds; more jobs are not cheaper.
    private const int ThreadJobs = 100;

    // Compilation and loading at the first jobs are not part of a job's cost.
    private const int WarmUpJobs = 500;

    private static readonly Lazy<string?> MissingShell = new(static () => Programs.Runs(
        Shell,
        Arguments("$null = Get-Command Start-ThreadJob"))
        ? null
        : "no pwsh with Start-ThreadJob is in the path");

    public static IEnumerable<Benchmark> All()
    {
        foreach (int count in (int[])[1000, 10_000])
        {
            yield return Jobs($"a job of {count:N0}, one call", "1..$count | Start-Throttled { $_ }", count);
            yield return Jobs($"a job of {count:N0}, a call each", "foreach ($i in 1..$count) { Start-Throttled { 1 } }", count);
        }
    }

    private static Benchmark Jobs(string name, string start, int count) => new(
        name,
        "µs",
        Contestant("Start-Throttled", start, count, WarmUpJobs),
        [Contestant("Start-ThreadJob", "foreach ($i in 1..$count) { Start-ThreadJob { 1 } }", ThreadJobs, warmUp: 10)],
        Bar: 1 / 30.0,
        MaxRounds: count > 1000 ? 1 : 3);

    private static Contestant Contestant(string name, string start, int count, int warmUp)
        => new(name, () => MicrosecondsPerJob(start, count, warmUp))
        {
            Missing = static () => MissingShell.Value,
        };

    private static double MicrosecondsPerJob(string start, int count, int warmUp)
        => double.Parse(
            Programs.Run(Shell, Arguments($$"""
                $ErrorActionPreference = 'Stop'
                Import-Module '{{Session.ModulePath}}'
                function Measure-Job([int] $count) {
                    $watch = [Diagnostics.Stopwatch]::StartNew()
                    $received = @(Receive-Job -Job @(& { {{start}} }) -Wait -AutoRemoveJob).Count
                    $time = $watch.Elapsed.TotalMicroseconds
                    if ($received -ne $count) { throw "$count jobs were started, and $received have written their result." }
                    $time / $count
                }

                $null = Measure-Job {{warmUp}}
                (Measure-Job {{count}}).ToString([cultureinfo]::InvariantCulture)
                """)),
            CultureInfo.InvariantCulture);

    private static string[] Arguments(string script) => ["-NoProfile", "-NonInteractive", "-Command", script];
}
