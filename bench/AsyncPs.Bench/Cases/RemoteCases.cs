using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Bench.Cases;

/// <summary>
/// The cost of an item in one of two warm processes, compared with Python's process pool, with PowerShell's jobs, which are processes, and
/// with its threads. Runs in a new PowerShell, which can start others.
/// </summary>
internal static class RemoteCases
{
    private const string Shell = "pwsh";

    private const int Processes = 2;

    private const string Work = """
        $end = [Diagnostics.Stopwatch]::GetTimestamp() + [Diagnostics.Stopwatch]::Frequency / 200
        while ([Diagnostics.Stopwatch]::GetTimestamp() -lt $end) { }
        """;

    // Sessions in processes on this machine, warm as those of the module are.
    private static readonly string Sessions = $$"""
        $sessions = foreach ($process in 1..{{Processes}}) {
            $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
            $runspace.Open()
            [Management.Automation.Runspaces.PSSession]::Create($runspace, 'Process', $null)
        }
        """;

    private static readonly Lazy<string?> MissingShell = new(static () => Programs.Runs(
        Shell,
        Arguments("$null = Get-Command Start-Job"))
        ? null
        : "no pwsh is in the path");

    public static IEnumerable<Benchmark> All()
    {
        yield return Items("trivial", "$_ * 2", "trivial", count: 20_000, parallelCount: 500, Allowed(100), warmUp: 2000);
        yield return Items("1 ms of waiting", "[Threading.Thread]::Sleep(1)", "sleep1", count: 2000, parallelCount: 500);

        yield return Items("10 ms of waiting", "[Threading.Thread]::Sleep(10)", "sleep10", count: 500, parallelCount: 500, Ideal);
        yield return Items("100 ms of waiting", "[Threading.Thread]::Sleep(100)", "sleep100", count: 60, parallelCount: 60, warmUp: 4);
        yield return Items("5 ms of work", Work, "work", count: 500, parallelCount: 500);
        yield return Items("1 kB of output", "'x' * 1000", "small", count: 5000, parallelCount: 500);
        yield return Items("1 MB of output", "'x' * 1000000", "large", count: 40, parallelCount: 40);
        yield return new Benchmark(
            "a warm call of one item in another process",
            "ms",
            new Contestant("Invoke-Concurrent -Process", WarmCall) { Missing = static () => MissingShell.Value },
            [Allowed(5)],
            Bar: 1.0,
            MaxRounds: 3);
    }

    // Two processes at 95 % of the ideal. The system itself sleeps longer than it is told to.
    private static Contestant Ideal => new("allowed", static () =>
    {
        const int Rounds = 100;
        long since = Stopwatch.GetTimestamp();
        for (int round = 0; round < Rounds; round++)
        {
            Thread.Sleep(10);
        }

        return Stopwatch.GetElapsedTime(since).TotalMicroseconds / Rounds / Processes / 0.95;
    });

    private static Contestant Allowed(double most) => new("allowed", () => most);

    private static Benchmark Items(
        string what, string block, string kind, int count, int parallelCount, Contestant? allowed = null, int warmUp = 300) => new(
        $"an item in another process, {what}",
        "µs",
        Contestant("Invoke-Concurrent -Process", $"1..$count | Invoke-Concurrent {{ {block} }} -Process {Processes}", count, warmUp),
        [
            .. allowed is null ? Array.Empty<Contestant>() : [allowed],
            Python("ProcessPoolExecutor", count, kind, chunk: "1"),
            Python("ProcessPoolExecutor, chunksize 64", count, kind, chunk: "64"),
            Contestant(
                "Start-Job",
                $"1..{Processes} | ForEach-Object {{ Start-Job {{ 1..$using:part | ForEach-Object {{ {block} }} }} }}"
                    + " | Receive-Job -Wait -AutoRemoveJob",
                count,
                warmUp: 0),
            Contestant(
                "Invoke-Command -Session",
                $"Invoke-Command -Session $sessions {{ 1..$using:part | ForEach-Object {{ {block} }} }}",
                count,
                warmUp: 20,
                setUp: Sessions),
            Contestant(
                "ForEach-Object -Parallel",
                $"1..$count | ForEach-Object -Parallel {{ {block} }} -ThrottleLimit {Processes}",
                parallelCount,
                warmUp: 20),
        ],
        Bar: allowed is null ? null : 1.0,
        MaxRounds: 3);

    private static Contestant Python(string name, int count, string kind, string chunk)
        => PythonPeer.Create(name, ["concurrent.futures"], () => ["process_items.py", $"{count}", kind, chunk], bar: null);

    private static Contestant Contestant(string name, string run, int count, int warmUp, string setUp = "")
        => new(name, () => Number($$"""
            {{setUp}}
            function Measure-Items([int] $count) {
                $part = $count / {{Processes}}
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $null = {{run}}
                $watch.Elapsed.TotalMicroseconds / $count
            }

            if ({{warmUp}}) { foreach ($round in 1..3) { $null = Measure-Items {{Math.Min(warmUp, count)}} } }
            (Measure-Items {{count}}).ToString([cultureinfo]::InvariantCulture)
            """))
        {
            Missing = static () => MissingShell.Value,
        };

    private static double WarmCall()
        => Number("""
            $times = foreach ($call in 1..200) {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $null = 1 | Invoke-Concurrent { $_ } -Process 1
                $watch.Elapsed.TotalMilliseconds
            }

            ($times | Sort-Object)[100].ToString([cultureinfo]::InvariantCulture)
            """);

    private static double Number(string script)
        => double.Parse(
            Programs.Run(Shell, Arguments($"""
                $ErrorActionPreference = 'Stop'
                Import-Module '{Session.ModulePath}'
                {script}
                """)),
            CultureInfo.InvariantCulture);

    private static string[] Arguments(string script) => ["-NoProfile", "-NonInteractive", "-Command", script];
}
