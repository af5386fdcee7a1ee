using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>Features that asyncio's queues do not have: returned items, full queues that drop, errors, and an automatic end.</summary>
public sealed class AsyncQueueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, "1 2 3 4")]
    [InlineData(AsyncQueueKind.Lifo, "4 3 2 1")]
    [InlineData(AsyncQueueKind.Priority, "1 2 3 4")]
    public async Task A_returned_item_has_its_old_place_whoever_returns_first(AsyncQueueKind kind, string order)
    {
        var queue = new AsyncQueue(kind);
        List<QueueItem> held = [];
        queue.TryWrite(1);
        queue.TryWrite(2);
        held.Add(await queue.ReadItemAsync(Token));
        held.Add(await queue.ReadItemAsync(Token));
        queue.TryWrite(3);
        queue.TryWrite(4);

        held[0].Nack();
        held[1].Nack();

        Assert.Equal(order, string.Join(' ', queue.ReadAll()));
        Assert.Equal(0, queue.InFlight);
    }

    [Fact]
    public async Task A_returned_item_counts_its_deliveries_and_can_go_to_the_end()
    {
        var queue = new AsyncQueue(capacity: 2);
        queue.TryWrite("a");
        queue.TryWrite("b");

        (await queue.ReadItemAsync(Token)).Nack(atEnd: true);
        Assert.Equal("b", await queue.ReadAsync(Token));
        QueueItem again = await queue.ReadItemAsync(Token);

        Assert.Equal(("a", 2), (again.Value, again.DeliveryCount));
    }

    [Fact]
    public async Task A_returned_item_finds_room_in_a_full_queue_and_a_reader_that_waits()
    {
        var queue = new AsyncQueue(capacity: 1);
        queue.TryWrite("a");
        QueueItem held = await queue.ReadItemAsync(Token);
        queue.TryWrite("b");

        held.Nack();
        Assert.Equal(2, queue.Count);
        Assert.False(queue.TryWrite("c"));
        Assert.Equal(["a", "b"], queue.ReadAll());

        queue.TryWrite("d");
        held = await queue.ReadItemAsync(Token);
        Task<QueueItem> waiting = queue.ReadItemAsync(Token);
        held.Nack();
        Assert.Equal(2, (await waiting).DeliveryCount);
    }

    [Fact]
    public async Task A_returned_item_comes_back_to_a_completed_queue()
    {
        var queue = new AsyncQueue();
        queue.TryWrite("a");
        QueueItem held = await queue.ReadItemAsync(Token);
        queue.Complete();
        Assert.Equal(AsyncQueueState.Ended, queue.State);

        held.Nack();

        Assert.Equal(AsyncQueueState.Completed, queue.State);
        Assert.Equal("a", await queue.ReadAsync(Token));
    }

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, QueueFullMode.DropOldest, "3 4 5")]
    [InlineData(AsyncQueueKind.Fifo, QueueFullMode.DropNewest, "1 2 5")]
    [InlineData(AsyncQueueKind.Fifo, QueueFullMode.DropWrite, "1 2 3")]
    [InlineData(AsyncQueueKind.Lifo, QueueFullMode.DropOldest, "5 4 3")]
    [InlineData(AsyncQueueKind.Lifo, QueueFullMode.DropNewest, "5 2 1")]
    [InlineData(AsyncQueueKind.Lifo, QueueFullMode.DropWrite, "3 2 1")]
    [InlineData(AsyncQueueKind.Priority, QueueFullMode.DropWrite, "1 2 3")]
    public async Task A_full_queue_drops_as_it_was_told_to(AsyncQueueKind kind, QueueFullMode mode, string left)
    {
        var queue = new AsyncQueue(kind, capacity: 3, mode);
        for (int i = 1; i <= 5; i++)
        {
            Assert.True(queue.TryWrite(i));
            Assert.True(queue.Count <= 3);
        }

        Assert.Equal(2, queue.Dropped);
        Assert.Equal(left, string.Join(' ', queue.ReadAll()));
        await queue.WaitAsync(Token);
    }

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, QueueFullMode.DropOldest, "2 3")]
    [InlineData(AsyncQueueKind.Fifo, QueueFullMode.DropNewest, "1 3")]
    [InlineData(AsyncQueueKind.Lifo, QueueFullMode.DropNewest, "3 1")]
    [InlineData(AsyncQueueKind.Lifo, QueueFullMode.DropOldest, "3 2")]
    public async Task A_full_queue_of_returned_items_drops_too(AsyncQueueKind kind, QueueFullMode mode, string left)
    {
        var queue = new AsyncQueue(kind, capacity: 2, mode);
        queue.TryWrite(1);
        queue.TryWrite(2);
        QueueItem[] held = [await queue.ReadItemAsync(Token), await queue.ReadItemAsync(Token)];
        held[0].Nack();
        held[1].Nack();

        queue.TryWrite(3);

        Assert.Equal(left, string.Join(' ', queue.ReadAll()));
        await queue.WaitAsync(Token);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncQueue(capacity: 0));
        Assert.Throws<NotSupportedException>(() => new AsyncQueue(AsyncQueueKind.Priority, 1, QueueFullMode.DropOldest));
        Assert.Throws<NotSupportedException>(() => new AsyncQueue(AsyncQueueKind.Priority, 1, QueueFullMode.DropNewest));
    }

    [Fact]
    public async Task An_error_comes_after_the_last_item()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        var error = new InvalidDataException("broken");
        queue.Complete(error);
        queue.Complete(new InvalidOperationException("too late"));

        Assert.Equal(1, await queue.ReadAsync(Token));
        ChannelClosedException read = await Assert.ThrowsAsync<ChannelClosedException>(() => queue.ReadAsync(Token));
        ChannelClosedException write = Assert.Throws<ChannelClosedException>(() => queue.TryWrite(2));

        Assert.Same(error, read.InnerException);
        Assert.Same(error, write.InnerException);
        Assert.Equal(AsyncQueueState.Failed, queue.State);
    }

    [Fact]
    public async Task A_queue_can_end_by_itself_when_all_work_is_done()
    {
        // A consumer feeds its own queue: each item adds two more, until they are small enough.
        var queue = new AsyncQueue();
        queue.TryWrite(10);
        queue.CompleteWhenDone();
        int handled = 0;

        async Task ConsumeAsync()
        {
            while (true)
            {
                QueueItem item;
                try
                {
                    item = await queue.ReadItemAsync(Token);
                }
                catch (ChannelClosedException)
                {
                    return;
                }

                for (int i = 0; i < 2 && item.Value is > 0; i++)
                {
                    queue.TryWrite((int)item.Value - 1);
                }

                await Task.Yield();
                Interlocked.Increment(ref handled);
                item.Ack();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(ConsumeAsync, Token)));

        Assert.Equal(2047, handled);
        Assert.Equal(AsyncQueueState.Ended, queue.State);
    }

    [Fact]
    public void A_queue_whose_work_is_done_ends_at_once()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        queue.TryRead(out _);

        queue.CompleteWhenDone();

        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public async Task Clearing_admits_the_writers_that_wait()
    {
        var queue = new AsyncQueue(capacity: 2);
        Task[] writes = [.. Enumerable.Range(1, 5).Select(i => queue.WriteAsync(i, cancellationToken: Token))];

        Assert.Equal(2, queue.Clear());

        await Task.WhenAll(writes[..4]);
        Assert.False(writes[4].IsCompleted);
        Assert.Equal([3, 4, 5], queue.ReadAll());
        await queue.WaitAsync(Token);
        Assert.Equal(5, queue.Finished);
    }

    [Fact]
    public void Many_items_come_and_go_in_order()
    {
        var queue = new AsyncQueue();
        int written = 0;
        int read = 0;
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            for (int i = random.Next(3000); i > 0; i--)
            {
                queue.TryWrite(written++);
            }

            for (int i = random.Next(3000); i > 0 && queue.TryRead(out object? item); i--)
            {
                Assert.Equal(read++, item);
            }
        }

        Assert.Equal(written - read, queue.Count);
    }
}
