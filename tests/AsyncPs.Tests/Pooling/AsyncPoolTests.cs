using AsyncPs.Pooling;
using AsyncPs.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Pooling;

public sealed class AsyncPoolTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Workshop _workshop = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_is_made_when_it_is_needed_and_used_again()
    {
        await using AsyncPool pool = NewPool();
        PoolLease first = await pool.AcquireAsync(Cancel);
        Assert.Equal((1, 0, 1, 0), (pool.Count, pool.Idle, pool.InUse, pool.Waiting));
        await first.ReturnAsync(failed: false);
        await first.ReturnAsync(failed: false);
        Assert.Equal((1, 1, 0), (pool.Count, pool.Idle, pool.InUse));

        PoolLease second = await pool.AcquireAsync(Cancel);
        Assert.Same(first.Value, second.Value);
        PoolLease third = await pool.AcquireAsync(Cancel);
        Assert.NotSame(first.Value, third.Value);
        Assert.Equal((2, 2, 0), (pool.Created, pool.Count, pool.Destroyed));
    }

    [Fact]
    public async Task Who_asks_first_is_served_first_and_who_gives_up_takes_nothing()
    {
        await using AsyncPool pool = NewPool(maxSize: 1);
        PoolLease held = await pool.AcquireAsync(Cancel);
        using var timeout = new CancellationTokenSource();
        Task<PoolLease> first = pool.AcquireAsync(Cancel).AsTask();
        Task<PoolLease> gone = pool.AcquireAsync(timeout.Token).AsTask();
        Task<PoolLease> last = pool.AcquireAsync(Cancel).AsTask();
        Assert.Equal(3, pool.Waiting);

        await timeout.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await held.ReturnAsync(failed: false);
        PoolLease lease = await first;
        Assert.False(last.IsCompleted);
        await lease.ReturnAsync(failed: false);
        await (await last).ReturnAsync(failed: false);
        Assert.Equal((1, 1, 0), (pool.Created, pool.Idle, pool.Waiting));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task What_has_failed_is_kept_only_if_somebody_can_tell(bool validates, bool kept)
    {
        await using AsyncPool pool = NewPool(o => validates ? o with { Validate = static (_, _) => Task.FromResult(true) } : o);
        PoolLease lease = await pool.AcquireAsync(Cancel);
        await lease.ReturnAsync(failed: true);

        Assert.Equal((kept ? 1 : 0, kept ? 0L : 1L, !kept), (pool.Count, pool.Destroyed, ((Tool)lease.Value).IsDisposed));
    }

    [Fact]
    public async Task What_is_not_good_any_more_is_replaced()
    {
        object? bad = null;
        await using AsyncPool pool = NewPool(o => o with
        {
            Validate = (value, _) => value == bad ? throw new IOException("broken pipe") : Task.FromResult(((Tool)value).IsGood),
        });
        PoolLease one = await pool.AcquireAsync(Cancel);
        PoolLease two = await pool.AcquireAsync(Cancel);
        bad = one.Value;
        ((Tool)two.Value).IsGood = false;
        await one.ReturnAsync(failed: false);
        await two.ReturnAsync(failed: false);

        PoolLease next = await pool.AcquireAsync(Cancel);
        Assert.NotSame(one.Value, next.Value);
        Assert.NotSame(two.Value, next.Value);
        Assert.Equal((1, 2L, 1L, "broken pipe"), (pool.Count, pool.Destroyed, pool.Failures, pool.LastError!.Exception.Message));
        Assert.True(((Tool)one.Value).IsDisposed && ((Tool)two.Value).IsDisposed);
    }

    [Fact]
    public async Task What_its_user_discards_is_disposed()
    {
        await using AsyncPool pool = NewPool();
        PoolLease lease = await pool.AcquireAsync(Cancel);
        pool.Discard(lease.Value);
        Assert.False(((Tool)lease.Value).IsDisposed);
        await lease.ReturnAsync(failed: false);

        Assert.True(((Tool)lease.Value).IsDisposed);
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public async Task It_is_reset_before_it_is_lent_again_and_disposed_if_that_fails()
    {
        await using AsyncPool pool = NewPool(o => o with
        {
            Reset = (value, _) => ((Tool)value).Uses++ == 1 ? Task.FromException(new IOException("no reset")) : Task.CompletedTask,
        });
        PoolLease lease = await pool.AcquireAsync(Cancel);
        await lease.ReturnAsync(failed: false);
        Assert.Equal(1, pool.Idle);
        lease = await pool.AcquireAsync(Cancel);
        await lease.ReturnAsync(failed: false);

        Assert.Equal((0, 0, "no reset"), (pool.Idle, pool.Count, pool.LastError!.Exception.Message));
    }

    [Fact]
    public async Task What_cannot_be_made_is_the_error_of_who_needs_it_and_takes_no_place()
    {
        await using AsyncPool pool = NewPool(maxSize: 1);
        _workshop.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => pool.AcquireAsync(Cancel).AsTask());
        Assert.Equal((0, 0, 1L), (pool.Count, pool.InUse, pool.Failures));

        _workshop.Fails = false;
        await pool.AcquireAsync(Cancel);
    }

    [Fact]
    public async Task Who_gives_up_while_it_is_made_or_validated_leaks_nothing()
    {
        var gate = new TaskCompletionSource();
        await using AsyncPool pool = NewPool(o => o with
        {
            MaxSize = 1,
            Validate = async (_, token) => { await gate.Task.WaitAsync(token); return true; },
        });
        using var first = new CancellationTokenSource();
        _workshop.Gate = gate.Task;
        Task making = pool.AcquireAsync(first.Token).AsTask();
        Assert.Equal((1, 1), (pool.Count, pool.InUse));
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
        Assert.Equal((0, 0, 0L), (pool.Count, pool.InUse, pool.Failures));

        _workshop.Gate = Task.CompletedTask;
        await (await pool.AcquireAsync(Cancel)).ReturnAsync(failed: false);
        using var second = new CancellationTokenSource();
        Task validating = pool.AcquireAsync(second.Token).AsTask();
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => validating);
        Assert.Equal((1, 1, 0, 0L), (pool.Count, pool.Idle, pool.InUse, pool.Destroyed));
    }

    [Fact]
    public async Task What_is_idle_for_too_long_goes_down_to_the_least()
    {
        await using AsyncPool pool = NewPool(o => o with { MinSize = 1, IdleTimeout = TimeSpan.FromMinutes(1) });
        PoolLease[] leases = [await pool.AcquireAsync(Cancel), await pool.AcquireAsync(Cancel), await pool.AcquireAsync(Cancel)];
        foreach (PoolLease lease in leases)
        {
            await lease.ReturnAsync(failed: false);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(3, pool.Idle);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, pool.Idle);
        Assert.True(((Tool)leases[0].Value).IsDisposed);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, pool.Idle);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((1, 1), (pool.Idle, pool.Count));
    }

    [Fact]
    public async Task The_least_is_made_at_once_and_replaced()
    {
        await using AsyncPool pool = NewPool(o => o with { MinSize = 3 });
        await Condition.UntilAsync(() => pool.Idle == 3, "three are made");
        PoolLease lease = await pool.AcquireAsync(Cancel);
        await lease.ReturnAsync(failed: true);
        await Condition.UntilAsync(() => pool.Idle == 3, "there are three again");
        Assert.Equal((4, 1), (pool.Created, pool.Destroyed));
    }

    [Fact]
    public async Task Disposing_ends_who_waits_disposes_what_is_idle_and_the_rest_when_it_comes_back()
    {
        AsyncPool pool = NewPool(maxSize: 2);
        PoolLease used = await pool.AcquireAsync(Cancel);
        PoolLease other = await pool.AcquireAsync(Cancel);
        Task<PoolLease> waiting = pool.AcquireAsync(Cancel).AsTask();
        await pool.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.AcquireAsync(Cancel).AsTask());
        Assert.Throws<ObjectDisposedException>(() => pool.TryAcquire());
        Assert.False(((Tool)used.Value).IsDisposed);
        await used.ReturnAsync(failed: false);
        await other.ReturnAsync(failed: true);
        Assert.Equal((0, 0), (pool.Count, _workshop.Alive));
        pool.Dispose();

        pool = NewPool();
        used = await pool.AcquireAsync(Cancel);
        await used.ReturnAsync(failed: false);
        pool.Dispose();
        Assert.True(((Tool)used.Value).IsDisposed);
    }

    [Fact]
    public async Task Disposing_ends_what_is_being_made()
    {
        AsyncPool pool = NewPool(o => o with { MinSize = 1 }, gate: new TaskCompletionSource().Task);
        Task<PoolLease> needing = pool.AcquireAsync(Cancel).AsTask();
        pool.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => needing);
        await Condition.UntilAsync(() => pool is { Count: 0, InUse: 0 }, "nothing is left");
    }

    [Fact]
    public async Task There_are_never_too_many_and_none_is_lost()
    {
        const int MaxSize = 4;
        var random = new Random(7);
        await using AsyncPool pool = NewPool(o => o with
        {
            MaxSize = MaxSize,
            MinSize = 2,
            IdleTimeout = TimeSpan.FromSeconds(1),
            Validate = static async (value, _) => { await Task.Yield(); return ((Tool)value).IsGood; },
            Reset = static async (value, _) => { await Task.Yield(); if (((Tool)value).Uses > 20) { throw new IOException("worn"); } },
        });
        _workshop.Yields = true;
        int[] seeds = [.. Enumerable.Range(0, 32).Select(_ => random.Next())];
        await Task.WhenAll(seeds.Select(seed => Task.Run(
            async () =>
            {
                var own = new Random(seed);
                for (int i = 0; i < 400; i++)
                {
                    using var timeout = new CancellationTokenSource();
                    ValueTask<PoolLease> acquiring = pool.AcquireAsync(timeout.Token);
                    if (own.Next(4) == 0)
                    {
                        await timeout.CancelAsync();
                    }

                    try
                    {
                        PoolLease lease = await acquiring;
                        var tool = (Tool)lease.Value;
                        tool.Use();
                        await Task.Yield();
                        tool.IsGood = own.Next(10) > 0;
                        tool.Release();
                        await lease.ReturnAsync(failed: own.Next(10) == 0);
                    }
                    catch (OperationCanceledException)
                    {
                        // It gave up.
                    }

                    if (own.Next(50) == 0)
                    {
                        lock (_time)
                        {
                            _time.Advance(TimeSpan.FromSeconds(0.6));
                        }
                    }
                }
            },
            Cancel)));

        Assert.Equal(0, _workshop.Clashes);
        Assert.InRange(_workshop.MostAlive, 2, MaxSize);
        await Condition.UntilAsync(
            () => pool is { InUse: 0, Waiting: 0 } && pool.Count == pool.Idle && pool.Idle == _workshop.Alive,
            "all are back");
        Assert.Equal(pool.Created - pool.Destroyed, pool.Count);
        await pool.DisposeAsync();
        Assert.Equal(0, _workshop.Alive);
    }

    private AsyncPool NewPool(int maxSize) => NewPool(o => o with { MaxSize = maxSize });

    private AsyncPool NewPool(Func<PoolOptions, PoolOptions>? with = null, Task? gate = null)
    {
        _workshop.Gate = gate ?? Task.CompletedTask;
        var options = new PoolOptions(_workshop.MakeAsync) { TimeProvider = _time };
        return new AsyncPool(with?.Invoke(options) ?? options);
    }
}
