using System.Globalization;

namespace AsyncPs.Bench.Cases;

/// <summary>Thousands of blocks that are suspended at once, against coroutines of Python.</summary>
internal static class AwaitCases
{
    public static IEnumerable<Benchmark> All()
    {
        yield return AgainstAsyncio("await ([Threading.Tasks.Task]::Delay(100))", items: 10_000, waits: 3, bar: 1);
        yield return AgainstAsyncio("await ([Threading.Tasks.Task]::Delay(100))", items: 100_000, waits: 1, bar: null);
        yield return AgainstAsyncio("Start-Sleep -Milliseconds 100", items: 10_000, waits: 3, bar: null);
        yield return Consumers(10_000);
    }

    private static Benchmark Consumers(int count) => new(
        $"{count:N0} consumers wait for one queue, then each reads an item",
        "ms",
        new Contestant("Read-AsyncQueue", () => Session.Shared.Time(
            $$"""
            $queue = New-AsyncQueue
            $begun = [Threading.CountdownEvent]::new({{count}})
            $jobs = 1..{{count}} | Start-Throttled -ThrottleLimit {{count}} {
                $null = $begun.Signal()
                Read-AsyncQueue $queue -Count 1
            }
            $begun.Wait()
            1..{{count}} | Write-AsyncQueue $queue
            $null = $jobs | Receive-Job -Wait -AutoRemoveJob
            """)),
        [Queue("asyncio", ["asyncio"], count), Queue("asyncio with uvloop", ["asyncio", "uvloop"], count)],
        Bar: null);

    private static Contestant Queue(string name, string[] packages, int count)
        => PythonPeer.Create(name, packages, () => ["consumers.py", packages[^1], Text(count)], bar: null);

    private static Benchmark AgainstAsyncio(string wait, int items, int waits, double? bar) => new(
        $"{items:N0} blocks, each waits {waits} × 100 ms with {wait.Split(' ')[0]}",
        "ms",
        new Contestant("Invoke-Concurrent", () => Session.Shared.Time(
            $"1..{items} | Invoke-Concurrent {{ foreach ($i in 1..{waits}) {{ {wait} }} }} -ThrottleLimit {items}")),
        [
            Python("asyncio", ["asyncio"], items, waits, bar),
            Python("asyncio with uvloop", ["asyncio", "uvloop"], items, waits, bar),
            new Contestant("ideal", () => 100.0 * waits),
        ],
        Bar: null);

    private static Contestant Python(string name, string[] packages, int items, int waits, double? bar)
        => PythonPeer.Create(name, packages, () => ["coroutines.py", packages[^1], Text(items), Text(waits)], bar);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
