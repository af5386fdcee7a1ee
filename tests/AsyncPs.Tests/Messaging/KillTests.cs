using System.Diagnostics;
using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>
/// Processes write and read one queue, are killed, and the broker with them: no message is lost, and one that comes twice is one that a
/// kill explains.
/// </summary>
public sealed class KillTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const int Prefetch = 20;

    // What a writer may have under way: after a loss it is sent again.
    private const int Unconfirmed = 1000;

    private static readonly int Writers = Stress.IsLong ? 4 : 2;
    private static readonly int Readers = Stress.IsLong ? 8 : 3;
    private static readonly int Each = Stress.IsLong ? 25_000 : 400;
    private static readonly int Kills = Stress.IsLong ? 16 : 2;
    private static readonly int Restarts = Stress.IsLong ? 3 : 1;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(Stress.IsLong ? 30 : 5);

    private readonly TempFolder _folder = new("asyncps-kill-");
    private readonly List<Process> _processes = [];
    private int _started;

    [Fact]
    public async Task Nothing_is_lost_and_what_comes_twice_is_explained()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "$mq");
        Process[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Start($"{writer * Each}..{((writer + 1) * Each) - 1} | "
            + $"Write-AsyncQueue $mq\n'written'"))];
        List<Process> readers = [.. Enumerable.Range(0, Readers).Select(_ => StartReader())];
        int total = Writers * Each;

        // Spread over the work, and each while there is some left.
        int events = Kills + Restarts;
        for (int i = 1; i <= events; i++)
        {
            int from = total * i / (events + 2);
            await UntilAsync(() => Done().Distinct().Count() >= from, $"{from} are done");
            if (i % (events / Restarts) == 0 && i / (events / Restarts) <= Restarts)
            {
                await Broker.Node.KillAsync();
                await Broker.Node.StartAsync();
            }
            else
            {
                int victim = i % readers.Count;
                readers[victim].Kill();
                await readers[victim].WaitForExitAsync(TestContext.Current.CancellationToken);
                readers[victim] = StartReader();
            }
        }

        await UntilAsync(() => Done().Distinct().Count() == total, "all are done");
        await UntilAsync(() => queue is { IsConnected: true, Count: 0 }, "the queue is empty");
        foreach (Process writer in writers)
        {
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.Equal(0, writer.ExitCode);
        }

        int[] done = Done();
        Assert.Equal(Enumerable.Range(0, total), done.Distinct().Order());
        int explained = (Kills * Prefetch) + (Restarts * ((Readers * Prefetch) + (Writers * Unconfirmed)));
        int duplicates = done.Length - total;
        Assert.True(duplicates <= explained, $"{duplicates} came twice; {Kills} kills and {Restarts} restarts explain {explained}.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{total} messages, {Writers} writers, {Readers} readers, {Kills} kills, "
            + $"{Restarts} restarts of the broker: none lost, {duplicates} twice.");
    }

    protected override void Dispose(bool disposing)
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }

        _folder.Dispose();
        base.Dispose(disposing);
    }

    // A line is written before the message is acknowledged, and stays when the process is killed.
    private Process StartReader()
    {
        string log = _folder[$"reader-{_started++}-"];
        return Start($$"""
            Invoke-Concurrent -InputStream $mq -ThrottleLimit 4 {
                [IO.File]::AppendAllText("{{log}}$([Threading.Thread]::CurrentThread.ManagedThreadId)", "$_`n")
            }
            """);
    }

    private Process Start(string script)
    {
        ProcessStartInfo start = PowerShellTool.StartInfo("-NonInteractive", "-Command", $"""
            $ErrorActionPreference = 'Stop'
            Import-Module AsyncPs, AsyncPs.Messaging
            $mq = Connect-AsyncMessageQueue {Broker.Node.Address} -Queue {Name} -Prefetch {Prefetch}
            {script}
            exit 0
            """);
        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    // The end of a line that was being written when its process was killed may be missing.
    private int[] Done() => [.. Directory.GetFiles(_folder.Path).SelectMany(static file =>
    {
        string text = File.ReadAllText(file);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
    })];

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Deadline, $"The deadline passed before this was true: {what}.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
