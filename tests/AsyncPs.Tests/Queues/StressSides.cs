using System.Management.Automation;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>
/// Pipelines that write to a queue and pipelines that read from it, stopped at random, with time-outs, returned items, and an end of
/// the queue at a random time. The item of a stopped writer may have been written or not; the fate of all others is known.
/// </summary>
public sealed class StressSides : IDisposable
{
    // Errors are written as output, because the streams of a stopped pipeline are lost.
    private const string Write =
        "try { & { while (($i = $source.Next()) -ge 0) { $i } } | Write-AsyncQueue $q -Timeout 20ms 2>&1 } catch { $_ }";
    private const string Read = """
        Read-AsyncQueue $q -ManualAck -Timeout 20ms -Count 1000 | ForEach-Object {
            if ($_.Value % 7 -eq 0 -and $_.DeliveryCount -lt 2) { $_.Nack($_.Value % 2) } else { $tally.Take($_) }
        }
        """;

    private readonly ModuleSession[] _writers;
    private readonly ModuleSession[] _readers;

    public StressSides(int writers, int readers)
    {
        _writers = [.. Enumerable.Range(0, writers).Select(_ => new ModuleSession())];
        _readers = [.. Enumerable.Range(0, readers).Select(_ => new ModuleSession())];
    }

    public void Dispose() => Array.ForEach([.. _writers, .. _readers], static session => session.Dispose());

    /// <summary>Runs a round: every item is handled once, or still in the queue, or was never written.</summary>
    public async Task RunAsync(int items, int seed)
    {
        Random random = new(seed);
        var queue = new AsyncQueue((AsyncQueueKind)(seed % 3), capacity: random.Next(1, 200));
        var source = new Source(items, endAfter: seed % 2 == 0 ? int.MaxValue : random.Next(items), queue);
        var tally = new Tally(items);
        var unwritten = new HashSet<int>();
        var unknown = new HashSet<int>();
        Task writing = Task.WhenAll(_writers.Select((session, i) => Task.Run(() => WriteAsync(
            session,
            queue,
            source,
            new Random((seed * 100) + i),
            unwritten,
            unknown))));
        Task reading = Task.WhenAll(_readers.Select((session, i) => Task.Run(() => ReadAsync(
            session,
            queue,
            tally,
            new Random((seed * 100) + 50 + i)))));
        await writing;
        queue.Complete();
        await reading;

        queue.ReadAll().ForEach(tally.Add);

        Assert.Equal(0, queue.InFlight);
        for (int item = 0; item < items; item++)
        {
            int count = tally.Counts[item];
            bool wasTaken = item < source.Taken;
            Assert.True(
                unknown.Contains(item) ? count is 0 or 1 : count == (wasTaken && !unwritten.Contains(item) ? 1 : 0),
                $"Seed {seed}: item {item} was handled {count} times; taken: {wasTaken}, refused: {unwritten.Contains(item)}, stopped: "
                    + $"{unknown.Contains(item)}.");
        }

        Assert.Equal(tally.Counts.Sum(), queue.Finished);
    }

    private static async Task WriteAsync(
        ModuleSession session,
        AsyncQueue queue,
        Source source,
        Random random,
        HashSet<int> unwritten,
        HashSet<int> unknown)
    {
        session.Set("q", queue);
        while (!queue.IsCompleted && source.Taken < source.Count)
        {
            var mine = new Source.Share(source);
            session.Set("source", mine);
            ScriptRun run = session.Start(Write);
            bool stopped = await EndOrStopAsync(run, random);
            lock (unwritten)
            {
                unwritten.UnionWith(run.Output.Cast<ErrorRecord>().Select(static e => (int)e.Target()!));
                if (stopped && mine.Last >= 0)
                {
                    unknown.Add(mine.Last);
                }
            }
        }
    }

    private static async Task ReadAsync(ModuleSession session, AsyncQueue queue, Tally tally, Random random)
    {
        session.Set("q", queue);
        session.Set("tally", tally);
        while (queue.State is AsyncQueueState.Open or AsyncQueueState.Completed || queue.InFlight > 0)
        {
            await EndOrStopAsync(session.Start(Read), random);
        }
    }

    private static async Task<bool> EndOrStopAsync(ScriptRun run, Random random)
    {
        Task moment = random.Next(3) == 0
            ? Task.Delay(random.Next(30))
            : Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        await Condition.UntilAsync(() => run.HasEnded || moment.IsCompleted, "it ends, or it is time to stop it");
        if (!run.HasEnded)
        {
            await run.StopAsync();
            return true;
        }

        await run.EndAsync();
        return false;
    }

    /// <summary>
    /// The items to write: the numbers from zero, each for one writer; and the end of the queue. Public for the scripts.
    /// </summary>
    public sealed class Source(int count, int endAfter, AsyncQueue queue)
    {
        private int _next;

        public int Count => count;

        public int Taken => Math.Min(Volatile.Read(ref _next), count);

        private int Next()
        {
            int item = Interlocked.Increment(ref _next) - 1;
            if (item == endAfter)
            {
                queue.Complete();
            }

            return item < count ? item : -1;
        }

        /// <summary>The items that one pipeline has taken.</summary>
        public sealed class Share(Source source)
        {
            public int Last { get; private set; } = -1;

            public int Next()
            {
                int item = source.Next();
                Last = item < 0 ? Last : item;
                return item;
            }
        }
    }

    /// <summary>
    /// How often each item was handled. The queue knows first, but nothing can stop a call in between. Public for the scripts.
    /// </summary>
    public sealed class Tally(int items)
    {
        public int[] Counts { get; } = new int[items];

        public void Take(QueueItem item)
        {
            item.Ack();
            Add(item.Value);
        }

        // The output of a script is wrapped by PowerShell.
        public void Add(object? item) => Interlocked.Increment(ref Counts[LanguagePrimitives.ConvertTo<int>(item)]);
    }
}
