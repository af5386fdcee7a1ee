using System.Diagnostics;
using System.Globalization;
using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>
/// Processes write and read one queue, are killed, and the broker with them: no message is lost, and each one that comes twice is one
/// that a kill explains.
/// </summary>
public sealed class KillTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const int Prefetch = 20;

    // The most unconfirmed messages of a writer. After a loss they are sent again.
    private const int Unconfirmed = 1000;

    // The exit code of a process that was killed.
    private const int Killed = 128 + 9;

    private static readonly int Writers = Stress.IsLong ? 4 : 2;
    private static readonly int Readers = Stress.IsLong ? 8 : 3;
    private static readonly int Each = Stress.IsLong ? 25_000 : 400;
    private static readonly int Kills = Stress.IsLong ? 16 : 2;
    private static readonly int Restarts = Stress.IsLong ? 3 : 1;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(Stress.IsLong ? 30 : 5);

    private readonly TempFolder _folder = new("asyncps-kill-");
    private readonly TempFolder _connected = new("asyncps-kill-connected-");
    private readonly List<Process> _processes = [];
    private readonly Dictionary<int, long> _killed = [];
    private readonly List<(long From, long To)> _restarts = [];
    private int _started;

    [Fact]
    public async Task Nothing_is_lost_and_what_comes_twice_is_explained()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        AsyncMessageQueue queue = await QueueAsync(Mq + "$mq");
        Process[] writers = [.. Enumerable.Range(0, Writers).Select(writer
            => Start($"{writer * Each}..{((writer + 1) * Each) - 1} | Write-AsyncQueue $mq"))];
        List<(int Number, Process Process)> readers = [.. Enumerable.Range(0, Readers).Select(_ => StartReader())];
        int total = Writers * Each;
        await AllConnectedAsync();
        await File.WriteAllTextAsync(Begin, "", TestContext.Current.CancellationToken);

        // Spread over the work, each while some is left, in an order by chance; a restart while messages are written is the first.
        bool[] isRestart = [true, .. Enumerable.Range(1, Kills + Restarts - 1).Select(i => i < Restarts).OrderBy(_ => random.Next())];
        for (int i = 0; i < isRestart.Length; i++)
        {
            int from = total * (i + 1) / (isRestart.Length + 2);
            await UntilAsync(() => Done().DistinctBy(static line => line.Value).Count() >= from, $"{from} are done");
            if (isRestart[i])
            {
                long begun = DateTime.UtcNow.Ticks;
                await Broker.Node.KillAsync();
                await Broker.Node.StartAsync();
                _restarts.Add((begun, DateTime.UtcNow.Ticks));
            }
            else
            {
                int victim = random.Next(readers.Count);
                (int number, Process process) = readers[victim];
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                _killed.Add(number, DateTime.UtcNow.Ticks);
                readers[victim] = StartReader();
                await AllConnectedAsync();
            }
        }

        await UntilAsync(() => Done().DistinctBy(static line => line.Value).Count() == total, "all are done");
        await UntilAsync(() => queue is { IsConnected: true, Count: 0 }, "the queue is empty");
        foreach (Process writer in writers)
        {
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken);
            Assert.Equal(0, writer.ExitCode);
        }

        Line[] done = [.. Done()];
        Assert.Equal(Enumerable.Range(0, total), done.Select(static line => line.Value).Distinct().Order());
        Explanations explained = Explain(done);
        string summary = $"{total} messages, {Writers} writers, {Readers} readers, {Kills} kills, {Restarts} restarts of the broker, seed "
            + $"{seed}: none lost, {done.Length - total} twice: {explained}.";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(explained.Unexplained.Count == 0, summary);
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
        _connected.Dispose();
        base.Dispose(disposing);
    }

    // There are two reasons for a message that is done twice. The reader of the first time was killed, or lost its connection when the
    // broker was restarted: then it is one of the few unacknowledged messages of that reader. Or the writer had not received its confirm
    // when the broker was restarted: such messages of one writer follow each other, and are at most its unconfirmed ones.
    private Explanations Explain(Line[] done)
    {
        ILookup<int, Line> byReader = done.OrderBy(static line => line.Time).ToLookup(static line => line.Reader);
        Dictionary<Line, (int Index, int Count)> places = byReader
            .SelectMany(static reader => reader.Select((line, index) => (line, index, reader.Count())))
            .ToDictionary(static place => place.line, static place => (place.index, place.Item3));
        var explanations = new Explanations();
        List<int> sentAgain = [];
        foreach (IGrouping<int, Line> message in done.GroupBy(static line => line.Value).Where(static message => message.Count() > 1))
        {
            Line[] times = [.. message.OrderBy(static line => line.Time)];
            for (int i = 1; i < times.Length; i++)
            {
                Line first = times[i - 1];
                (int index, int count) = places[first];
                if (_killed.TryGetValue(first.Reader, out long killed) && index >= count - Prefetch && killed >= first.Time)
                {
                    explanations.ByKill++;
                }
                else if (_restarts.Exists(
                    restart => times[i].Time > restart.From && WasUnacknowledged(byReader[first.Reader], index, restart)))
                {
                    explanations.ByRestart++;
                }
                else if (_restarts.Exists(restart => times[i].Time > restart.From))
                {
                    sentAgain.Add(message.Key);
                }
                else
                {
                    explanations.Unexplained.Add(message.Key);
                }
            }
        }

        foreach (IGrouping<int, int> writer in sentAgain.GroupBy(static value => value / Each))
        {
            explanations.BySender += writer.Count();
            if (WindowsOf([.. writer.Order()]) > _restarts.Count)
            {
                explanations.Unexplained.AddRange(writer);
            }
        }

        return explanations;
    }

    // How many times unconfirmed messages must have been sent again.
    private static int WindowsOf(int[] values)
    {
        (int windows, int end) = (0, -1);
        foreach (int value in values)
        {
            if (value > end)
            {
                windows++;
                end = value + Unconfirmed - 1;
            }
        }

        return windows;
    }

    private static bool WasUnacknowledged(IEnumerable<Line> reader, int index, (long From, long To) restart)
    {
        int before = reader.Count(line => line.Time <= restart.From);
        int after = reader.Count(line => line.Time <= restart.To);
        return index >= before - Prefetch && index < Math.Min(after, before + Prefetch);
    }

    // Where the processes wait until all are connected. One that still starts when the broker is killed ends with an error.
    private string Begin => _connected[".begin"];

    private Task AllConnectedAsync()
        => UntilAsync(() => Directory.GetFiles(_connected.Path, "process-*").Length == _processes.Count, "all processes are connected");

    // A line is written before the message is acknowledged, and stays when the process is killed.
    private (int Number, Process Process) StartReader()
    {
        int number = _started++;
        string log = _folder[$"{number}-"];
        return (number, Start($$"""
            Invoke-Concurrent -InputStream $mq -ThrottleLimit 4 {
                $line = "$_ $([DateTime]::UtcNow.Ticks)`n"
                [IO.File]::AppendAllText("{{log}}$([Threading.Thread]::CurrentThread.ManagedThreadId)", $line)
            }
            """));
    }

    private Process Start(string script)
    {
        ProcessStartInfo start = PowerShellTool.StartInfo("-NonInteractive", "-Command", $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module AsyncPs, AsyncPs.Messaging
            $mq = Connect-AsyncMessageQueue {{Broker.Node.Address}} -Queue {{Name}} -Prefetch {{Prefetch}}
            $null = New-Item '{{_connected[$"process-{_processes.Count}"]}}'
            while (-not (Test-Path '{{Begin}}')) { Start-Sleep -Milliseconds 10 }
            {{script}}
            exit 0
            """);
        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    // The end of a line that was being written when its process was killed may be missing.
    private IEnumerable<Line> Done() => Directory.GetFiles(_folder.Path).SelectMany(static file =>
    {
        string text = File.ReadAllText(file);
        int reader = int.Parse(Path.GetFileName(file).Split('-')[0], CultureInfo.InvariantCulture);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            return new Line(
                int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture),
                reader,
                long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
        });
    });

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.DoesNotContain(_processes, static process => process.HasExited && process.ExitCode is not (0 or Killed));
            Assert.True(Stopwatch.GetElapsedTime(begun) < Deadline, $"The deadline passed before this was true: {what}.");
            await Task.Delay(Stress.IsLong ? 500 : 100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A message that was done.</summary>
    private sealed record Line(int Value, int Reader, long Time);

    /// <summary>Why messages were done twice.</summary>
    private sealed class Explanations
    {
        public int ByKill { get; set; }

        public int ByRestart { get; set; }

        public int BySender { get; set; }

        public List<int> Unexplained { get; } = [];

        public override string ToString() => $"{ByKill} with a reader that was killed, {ByRestart} with a reader when the broker was "
            + $"restarted, {BySender} sent again after a restart, {Unexplained.Count} unexplained {string.Join(' ', Unexplained.Take(20))}";
    }
}
