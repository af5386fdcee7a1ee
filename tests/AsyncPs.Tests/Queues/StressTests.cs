using System.Globalization;
using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>
/// Eight writers and eight readers with random cancellations, time-outs and returned items, and a completion at a random time:
/// every item is handled exactly once or is still in the queue. ASYNCPS_STRESS multiplies the rounds and the items.
/// </summary>
public sealed class StressTests
{
    private const int Sides = 8;

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("ASYNCPS_STRESS") ?? "1", CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, null)]
    [InlineData(AsyncQueueKind.Fifo, 1)]
    [InlineData(AsyncQueueKind.Fifo, 100)]
    [InlineData(AsyncQueueKind.Lifo, 10)]
    [InlineData(AsyncQueueKind.Priority, 100)]
    public async Task Tasks_lose_nothing_and_repeat_nothing(AsyncQueueKind kind, int? capacity)
    {
        for (int round = 0; round < 3 * Scale; round++)
        {
            await RoundAsync(new AsyncQueue(kind, capacity), items: 4000 * Scale, seed: round);
        }
    }

    [Fact]
    public async Task Pipelines_that_are_stopped_lose_nothing_and_repeat_nothing()
    {
        var queue = new AsyncQueue(capacity: 50);
        int[] counts = new int[20_000 * Scale];
        int next = 0;
        ModuleSession[] sessions = [.. Enumerable.Range(0, 4).Select(_ => new ModuleSession())];
        foreach (ModuleSession session in sessions)
        {
            session.Set("q", queue);
            session.Set("acknowledgements", new Acknowledgements(counts));
        }

        // A writer that is stopped is asked how far it came: what it was about to write is written by the next.
        async Task WriteAsync()
        {
            while (next < counts.Length)
            {
                await queue.WriteAsync(next, cancellationToken: Token);
                next++;
            }

            queue.Complete();
        }

        async Task ReadAsync(ModuleSession session, int seed)
        {
            Random random = new(seed);
            while (queue.State != AsyncQueueState.Ended || queue.InFlight > 0)
            {
                // The queue knows that it is acknowledged before the count does, but nothing can stop a call in between.
                ScriptRun run = session.Start("""
                    Read-AsyncQueue $q -ManualAck -Count 2000 | ForEach-Object {
                        if ($_.Value % 7 -eq 0 -and $_.DeliveryCount -lt 2) { $_.Nack() } else { $acknowledgements.Take($_) }
                    }
                    """);
                int patience = random.Next(30);
                Task moment = Task.Delay(patience, Token);
                await Condition.UntilAsync(() => run.HasEnded || moment.IsCompleted, "it is time to stop");
                if (!run.HasEnded)
                {
                    await run.StopAsync();
                }
            }
        }

        Task writing = Task.Run(WriteAsync, Token);
        await Task.WhenAll(sessions.Select((session, seed) => Task.Run(() => ReadAsync(session, seed), Token)).Append(writing))
            .WaitAsync(TimeSpan.FromMinutes(2), Token);

        Assert.All(counts, count => Assert.Equal(1, count));
        Assert.Equal((counts.Length, 0, 0L), (queue.Finished, queue.Count, queue.InFlight));
        foreach (ModuleSession session in sessions)
        {
            session.Dispose();
        }
    }

    private static async Task RoundAsync(AsyncQueue queue, int items, int seed)
    {
        int[] handled = new int[items];
        int[] written = new int[items];
        int next = -1;
        int endAfter = new Random(seed).Next(items);

        async Task WriteAsync(int writer)
        {
            Random random = new((seed * 100) + writer);
            while (Interlocked.Increment(ref next) is var item && item < items)
            {
                if (item == endAfter)
                {
                    queue.Complete();
                }

                written[item] = await TryAsync(random, token => queue.WriteAsync(item, random.Next(10), token)) ? 1 : 0;
            }
        }

        async Task ReadAsync(int reader)
        {
            Random random = new((seed * 100) + 50 + reader);
            while (queue.State is AsyncQueueState.Open or AsyncQueueState.Completed || queue.InFlight > 0)
            {
                QueueItem? item = null;
                await TryAsync(random, async token => item = await queue.ReadItemAsync(token));
                if (item is not null && random.Next(20) == 0)
                {
                    item.Nack(atEnd: random.Next(2) == 0);
                }
                else if (item is not null)
                {
                    Interlocked.Increment(ref handled[(int)item.Value!]);
                    item.Ack();
                }
            }
        }

        Task[] tasks =
        [
            .. Enumerable.Range(0, Sides).Select(i => Task.Run(() => WriteAsync(i), Token)),
            .. Enumerable.Range(0, Sides).Select(i => Task.Run(() => ReadAsync(i), Token)),
        ];
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromMinutes(2), Token);

        while (queue.TryRead(out object? left))
        {
            handled[(int)left!]++;
        }

        Assert.Equal(written, handled);
        Assert.Equal((written.Sum(), 0L), (queue.Finished, queue.InFlight));
        await queue.WaitAsync(Token);
    }

    // False when it was cancelled or the queue has ended.
    private static async Task<bool> TryAsync(Random random, Func<CancellationToken, Task> operation)
    {
        using var cancellation = new CancellationTokenSource();
        if (random.Next(4) == 0)
        {
            cancellation.CancelAfter(random.Next(3));
        }

        try
        {
            await operation(cancellation.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>What a consumer does last, in one call. Public for the scripts.</summary>
    public sealed class Acknowledgements(int[] counts)
    {
        public void Take(QueueItem item)
        {
            item.Ack();
            Interlocked.Increment(ref counts[(int)item.Value!]);
        }
    }
}
