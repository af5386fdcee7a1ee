using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>
/// CPython's tests of <c>queue</c> and <c>asyncio.queues</c> for put, get, task_done, join and shutdown, as cases
/// for this module's queue.
/// </summary>
public sealed class CPythonSemanticsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AsyncQueueKind.Fifo, new[] { 111, 333, 222 })]
    [InlineData(AsyncQueueKind.Lifo, new[] { 222, 333, 111 })]
    [InlineData(AsyncQueueKind.Priority, new[] { 111, 222, 333 })]
    public void Each_kind_has_its_order(AsyncQueueKind kind, int[] expected)
    {
        var queue = new AsyncQueue(kind);
        foreach (int i in (int[])[111, 333, 222])
        {
            Assert.True(queue.TryWrite(i, priority: i));
        }

        Assert.Equal(expected.Cast<object>(), queue.ReadAll());
    }

    [Fact]
    public void Equal_priorities_keep_their_order_whatever_the_items_are()
    {
        // In Python, items that cannot be compared raise TypeError; here the items are never compared.
        var queue = new AsyncQueue(AsyncQueueKind.Priority);
        object[] items = [new object(), "b", typeof(int)];
        foreach (object item in items)
        {
            queue.TryWrite(item, priority: -1.5);
        }

        queue.TryWrite("first", double.NegativeInfinity);

        Assert.Equal(["first", .. items], queue.ReadAll());
    }

    [Theory]
    [InlineData(AsyncQueueKind.Fifo)]
    [InlineData(AsyncQueueKind.Lifo)]
    [InlineData(AsyncQueueKind.Priority)]
    public async Task A_full_queue_refuses_and_an_empty_one_has_nothing(AsyncQueueKind kind)
    {
        var queue = new AsyncQueue(kind, capacity: 2);
        Assert.Equal((0, 2, false), (queue.Count, queue.Capacity, queue.TryRead(out _)));

        Assert.True(queue.TryWrite(1));
        Assert.True(queue.TryWrite(2));
        Assert.False(queue.TryWrite(3));
        Assert.Equal(2, queue.Count);

        Task put = queue.WriteAsync(3, cancellationToken: Token);
        Assert.False(put.IsCompleted);
        Assert.True(queue.TryRead(out _));
        await put;
        Assert.Equal(2, queue.Count);
        Assert.Equal(2, queue.ReadAll().Count);
        Assert.False(queue.TryRead(out _));
    }

    [Fact]
    public async Task A_blocked_get_is_released_by_a_put()
    {
        var queue = new AsyncQueue();
        Task<object?> get = queue.ReadAsync(Token);
        Assert.False(get.IsCompleted);

        Assert.True(queue.TryWrite(null));

        Assert.Null(await get);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Getters_are_served_in_the_order_they_came()
    {
        var queue = new AsyncQueue();
        Task<object?>[] gets = [.. Enumerable.Range(0, 10).Select(_ => queue.ReadAsync(Token))];
        for (int i = 0; i < gets.Length; i++)
        {
            queue.TryWrite(i);
        }

        Assert.Equal(Enumerable.Range(0, 10).Cast<object>(), await Task.WhenAll(gets));
    }

    [Fact]
    public async Task Putters_are_served_in_the_order_they_came()
    {
        var queue = new AsyncQueue(capacity: 1);
        Task[] puts = [.. Enumerable.Range(0, 10).Select(i => queue.WriteAsync(i, cancellationToken: Token))];

        Assert.Equal(Enumerable.Range(0, 10).Cast<object>(), queue.ReadAll());
        await Task.WhenAll(puts);
    }

    [Fact]
    public async Task A_canceled_get_takes_nothing_and_the_next_one_gets_the_item()
    {
        var queue = new AsyncQueue();
        using var cancellation = new CancellationTokenSource();
        Task<object?> canceled = queue.ReadAsync(cancellation.Token);
        Task<object?> next = queue.ReadAsync(Token);

        await cancellation.CancelAsync();
        queue.TryWrite("x");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        Assert.Equal("x", await next);
        Assert.Equal(0, queue.WaitingReaders);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.ReadAsync(cancellation.Token));
    }

    [Fact]
    public async Task A_canceled_put_writes_nothing_and_the_next_one_gets_the_room()
    {
        var queue = new AsyncQueue(capacity: 1);
        queue.TryWrite("a");
        using var cancellation = new CancellationTokenSource();
        Task canceled = queue.WriteAsync("b", cancellationToken: cancellation.Token);
        Task next = queue.WriteAsync("c", cancellationToken: Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        Assert.Equal(1, queue.WaitingWriters);
        Assert.Equal(["a", "c"], queue.ReadAll());
        await next;
    }

    [Fact]
    public async Task An_item_and_a_cancellation_at_once_lose_nothing()
    {
        for (int i = 0; i < 2000; i++)
        {
            var queue = new AsyncQueue();
            using var cancellation = new CancellationTokenSource();
            Task<object?> get = queue.ReadAsync(cancellation.Token);
            var start = new Barrier(2);
            Task put = Task.Run(
                () =>
                {
                    start.SignalAndWait(Token);
                    queue.TryWrite(i);
                },
                Token);
            start.SignalAndWait(Token);
            await cancellation.CancelAsync();
            await put;

            bool got = await Task.WhenAny(get) == get && get.IsCompletedSuccessfully;
            Assert.Equal(got ? 0 : 1, queue.Count);
        }
    }

    [Fact]
    public async Task Join_waits_for_task_done_of_every_item()
    {
        var queue = new AsyncQueue();
        Assert.True(queue.WaitAsync(Token).IsCompletedSuccessfully);

        for (int i = 0; i < 100; i++)
        {
            queue.TryWrite(i);
        }

        Task first = queue.WaitAsync(Token);
        Task second = queue.WaitAsync(Token);
        for (int i = 0; i < 100; i++)
        {
            QueueItem item = await queue.ReadItemAsync(Token);
            Assert.Equal((i, 1, 1L), (item.Value, item.DeliveryCount, queue.InFlight));
            Assert.False(first.IsCompleted);
            item.Ack();
        }

        await Task.WhenAll(first, second);
        Assert.Equal((100, 0), (queue.Finished, queue.InFlight));
        Assert.True(queue.WaitAsync(Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Join_can_be_canceled_and_the_work_goes_on()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        using var cancellation = new CancellationTokenSource();
        Task join = queue.WaitAsync(cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join);
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task Task_done_once_too_often_is_an_error()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        QueueItem item = await queue.ReadItemAsync(Token);
        item.Ack();

        Assert.Throws<InvalidOperationException>(item.Ack);
        Assert.Throws<InvalidOperationException>(() => item.Nack());
        Assert.Equal((0, 0L, 1L), (queue.Count, queue.InFlight, queue.Finished));
    }

    [Theory]
    [InlineData(AsyncQueueKind.Fifo)]
    [InlineData(AsyncQueueKind.Lifo)]
    [InlineData(AsyncQueueKind.Priority)]
    public async Task After_a_shutdown_puts_fail_and_gets_drain(AsyncQueueKind kind)
    {
        var queue = new AsyncQueue(kind);
        queue.TryWrite(1);
        queue.TryWrite(2);

        queue.Complete();

        Assert.Throws<ChannelClosedException>(() => queue.TryWrite(3));
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.WriteAsync(3, cancellationToken: Token));
        Assert.Equal(AsyncQueueState.Completed, queue.State);
        Assert.Equal(2, queue.ReadAll().Count);
        Assert.Equal(AsyncQueueState.Ended, queue.State);
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.ReadAsync(Token));
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.ReadItemAsync(Token));
        Assert.False(queue.TryRead(out _));
        await queue.WaitAsync(Token);
    }

    [Fact]
    public async Task A_shutdown_releases_who_waits()
    {
        var empty = new AsyncQueue();
        var full = new AsyncQueue(capacity: 1);
        full.TryWrite(1);
        Task<object?>[] gets = [.. Enumerable.Range(0, 3).Select(_ => empty.ReadAsync(Token))];
        Task[] puts = [.. Enumerable.Range(0, 3).Select(i => full.WriteAsync(i, cancellationToken: Token))];

        empty.Complete();
        full.Complete();

        foreach (Task task in gets.Concat(puts))
        {
            await Assert.ThrowsAsync<ChannelClosedException>(() => task);
        }

        Assert.Equal([1], full.ReadAll());
    }

    [Fact]
    public async Task A_shutdown_leaves_join_to_what_is_unfinished()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        queue.TryWrite(2);
        queue.Complete();
        Task join = queue.WaitAsync(Token);

        (await queue.ReadItemAsync(Token)).Ack();
        Assert.False(join.IsCompleted);
        (await queue.ReadItemAsync(Token)).Ack();

        await join;
    }

    [Fact]
    public async Task An_immediate_shutdown_is_a_completion_and_a_clear()
    {
        var queue = new AsyncQueue();
        queue.TryWrite(1);
        queue.TryWrite(2);
        QueueItem held = await queue.ReadItemAsync(Token);
        Task join = queue.WaitAsync(Token);

        queue.Complete();
        Assert.Equal(1, queue.Clear());

        Assert.False(join.IsCompleted);
        held.Ack();
        await join;
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.ReadAsync(Token));
    }
}
