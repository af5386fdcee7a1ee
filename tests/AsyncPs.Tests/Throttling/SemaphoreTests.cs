using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Throttling;

/// <summary>CPython's tests of asyncio's Semaphore, for a throttle with a limit.</summary>
public sealed class SemaphoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_permit_that_is_there_is_had_synchronously()
    {
        using var throttle = new Throttle(limit: 2);
        Assert.True(IsSynchronous(throttle));
        Assert.Equal(1, throttle.Available);
        Assert.True(throttle.IsOpen);
        Assert.True(IsSynchronous(throttle));
        Assert.Equal(0, throttle.Available);
        Assert.False(throttle.IsOpen);
        Assert.False(throttle.TryAcquire(out _));
        Assert.False(IsSynchronous(throttle));
        Assert.Equal(1, throttle.Waiting);
    }

    [Fact]
    public async Task Waiters_are_served_in_the_order_of_asking()
    {
        using var throttle = new Throttle(limit: 1);
        ThrottleLease held = await throttle.AcquireAsync(Cancellation);
        List<int> order = [];
        Task[] waiters = [.. Enumerable.Range(0, 100).Select(i => TakeAsync(throttle.AcquireAsync(Cancellation), i))];
        Assert.Equal(100, throttle.Waiting);

        held.Dispose();
        await Task.WhenAll(waiters).WaitAsync(Condition.Deadline, Cancellation);

        Assert.Equal(Enumerable.Range(0, 100), order);
        Assert.Equal(1, throttle.Available);

        async Task TakeAsync(ValueTask<ThrottleLease> acquiring, int i)
        {
            using ThrottleLease lease = await acquiring;
            order.Add(i);
        }
    }

    [Fact]
    public async Task Nobody_overtakes_those_who_wait()
    {
        using var throttle = new Throttle(limit: 1);
        ThrottleLease held = await throttle.AcquireAsync(Cancellation);
        Task<ThrottleLease> waiter = throttle.AcquireAsync(Cancellation).AsTask();

        held.Dispose();

        // The permit was passed to the waiter: a new caller does not get it, whether the waiter has already run or not.
        Assert.False(throttle.TryAcquire(out _));
        (await waiter.WaitAsync(Condition.Deadline, Cancellation)).Dispose();
        Assert.True(throttle.TryAcquire(out _));
    }

    [Fact]
    public async Task Giving_back_twice_gives_one_permit()
    {
        using var throttle = new Throttle(limit: 2);
        ThrottleLease lease = await throttle.AcquireAsync(Cancellation);
        ThrottleLease copy = lease;
        lease.Dispose();
        lease.Dispose();
        copy.Dispose();
        default(ThrottleLease).Dispose();

        Assert.Equal(2, throttle.Available);
        Assert.Equal(lease, copy);
    }

    [Fact]
    public async Task A_canceled_waiter_is_out_of_the_line_and_costs_no_permit()
    {
        using var throttle = new Throttle(limit: 1);
        ThrottleLease held = await throttle.AcquireAsync(Cancellation);
        using var cancel = new CancellationTokenSource();
        Task<ThrottleLease> first = throttle.AcquireAsync(cancel.Token).AsTask();
        Task<ThrottleLease> second = throttle.AcquireAsync(Cancellation).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Condition.Deadline, Cancellation));
        Assert.Equal(1, throttle.Waiting);
        Assert.False(second.IsCompleted);

        held.Dispose();
        (await second.WaitAsync(Condition.Deadline, Cancellation)).Dispose();
        Assert.Equal(1, throttle.Available);
    }

    [Fact]
    public async Task Cancelling_one_who_has_been_served_changes_nothing()
    {
        using var throttle = new Throttle(limit: 1);
        ThrottleLease held = await throttle.AcquireAsync(Cancellation);
        using var cancel = new CancellationTokenSource();
        Task<ThrottleLease> waiter = throttle.AcquireAsync(cancel.Token).AsTask();

        held.Dispose();
        await cancel.CancelAsync();

        (await waiter.WaitAsync(Condition.Deadline, Cancellation)).Dispose();
        Assert.Equal(1, throttle.Available);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(3, null)]
    [InlineData(null, 1e7)]
    [InlineData(3, 1e7)]
    public async Task Cancelling_at_any_moment_never_loses_a_permit(int? limit, double? rate)
    {
        // Rare faults need many rounds, each until all permits are back.
        for (int round = 0; round < 40; round++)
        {
            await CancelAtAnyMomentAsync(limit, rate, firstSeed: 16 * round);
        }
    }

    [Fact]
    public async Task A_canceled_token_takes_no_permit()
    {
        using var throttle = new Throttle(limit: 1, perSecond: 1);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await throttle.AcquireAsync(cancel.Token));
        Assert.Equal(1, throttle.Available);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(null, 0.001)]
    [InlineData(1, 0.001)]
    [InlineData(9, 0.001)]
    public async Task Disposing_fails_who_waits_and_who_asks(int? limit, double? rate)
    {
        var throttle = new Throttle(limit, rate);
        ThrottleLease held = await throttle.AcquireAsync(Cancellation);
        Task<ThrottleLease>[] waiters = [.. Enumerable.Range(0, 5).Select(_ => throttle.AcquireAsync(Cancellation).AsTask())];
        Assert.Equal(5, throttle.Waiting);

        throttle.Dispose();
        throttle.Dispose();

        foreach (Task<ThrottleLease> waiter in waiters)
        {
            ObjectDisposedException e = await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter.WaitAsync(
                Condition.Deadline,
                Cancellation));
            Assert.Contains("New-Throttle", e.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await throttle.AcquireAsync(Cancellation));
        Assert.Throws<ObjectDisposedException>(() => throttle.TryAcquire(out _));
        Assert.True(throttle.IsDisposed);
        Assert.Equal(0, throttle.Available);
        held.Dispose();
    }

    [Fact]
    public void Arguments_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new Throttle());
        Assert.Throws<ArgumentException>(() => new Throttle(limit: 1, burst: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Throttle(limit: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Throttle(perSecond: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Throttle(perSecond: 1, burst: 0));
    }

    private static bool IsSynchronous(Throttle throttle) => throttle.AcquireAsync(Cancellation).AsTask().IsCompletedSuccessfully;

    private static async Task CancelAtAnyMomentAsync(int? limit, double? rate, int firstSeed)
    {
        using var throttle = new Throttle(limit, rate);
        int running = 0;
        int highest = 0;
        async Task WorkAsync(int seed)
        {
            var random = new Random(seed);
            for (int i = 0; i < 200; i++)
            {
                using var cancel = new CancellationTokenSource();
                Task<ThrottleLease> acquiring = throttle.AcquireAsync(cancel.Token).AsTask();
                if (random.Next(2) == 0)
                {
                    _ = Task.Run(cancel.Cancel, Cancellation);
                }

                try
                {
                    using ThrottleLease lease = await acquiring;
                    int now = Interlocked.Increment(ref running);
                    lock (throttle)
                    {
                        highest = Math.Max(highest, now);
                    }

                    await Task.Yield();
                    Interlocked.Decrement(ref running);
                }
                catch (OperationCanceledException)
                {
                    // The cancellation was intended.
                }
            }
        }

        await Task
            .WhenAll(Enumerable.Range(firstSeed, 16).Select(seed => Task.Run(() => WorkAsync(seed), Cancellation)))
            .WaitAsync(Condition.Deadline, Cancellation);

        Assert.Equal(0, throttle.Waiting);
        if (limit is not null)
        {
            Assert.InRange(highest, 1, limit.Value);
            await Condition.UntilAsync(() => throttle.Available == limit, "all permits are back");
        }
    }
}
