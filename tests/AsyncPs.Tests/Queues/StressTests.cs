using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>
/// Eight writers and eight readers with random cancellations, time-outs and returned items, and a completion at a random time.
/// Every item is handled exactly once or is still in the queue. ASYNCPS_STRESS is the number of rounds; from 3 on they are large.
/// </summary>
public sealed class StressTests
{
    private const int Sides = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, null)]
    [InlineData(AsyncQueueKind.Fifo, 1)]
    [InlineData(AsyncQueueKind.Fifo, 100)]
    [InlineData(AsyncQueueKind.Lifo, 10)]
    [InlineData(AsyncQueueKind.Priority, 100)]
    public async Task Tasks_lose_nothing_and_repeat_nothing(AsyncQueueKind kind, int? capacity)
    {
        for (int round = 0; round < Stress.Rounds; round++)
        {
            await RoundAsync(new AsyncQueue(kind, capacity), items: Stress.IsLong ? 20_000 : 4000, seed: round);
        }
    }

    [Fact]
    public async Task Pipelines_that_are_stopped_lose_nothing_and_repeat_nothing()
    {
        using var sides = new StressSides(writers: Stress.IsLong ? Sides : 3, readers: Stress.IsLong ? Sides : 3);
        for (int round = 0; round < Stress.Rounds; round++)
        {
            await sides.RunAsync(items: Stress.IsLong ? 20_000 : 2000, seed: round).WaitAsync(TimeSpan.FromMinutes(2), Token);
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

        queue.ReadAll().ForEach(left => handled[(int)left!]++);

        Assert.Equal(written, handled);
        Assert.Equal((written.Sum(), 0L), (queue.Finished, queue.InFlight));
        await queue.WaitAsync(Token);
    }

    // False when it was canceled or the queue has ended.
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
}
