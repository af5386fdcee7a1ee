using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Throttling;

/// <summary>Rates, on a clock of the test.</summary>
public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, null, 1)]
    [InlineData(1000, null, 100)]
    [InlineData(20_000, null, 2000)]
    [InlineData(0.5, null, 1)]
    [InlineData(10, 25, 25)]
    public void The_burst_is_what_comes_in_a_tenth_of_a_second_or_what_is_given(double rate, int? given, int burst)
    {
        using Throttle throttle = New(rate, given);

        Assert.Equal(burst, throttle.Burst);
        Assert.Equal(burst, throttle.Available);
        Assert.Equal(burst, TakeAll(throttle));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(20_000)]
    [InlineData(3)]
    [InlineData(0.7)]
    public void Over_ten_seconds_the_rate_is_what_was_asked_for(double rate)
    {
        using Throttle throttle = New(rate);
        TakeAll(throttle);
        int taken = 0;
        for (int i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            taken += TakeAll(throttle);
        }

        Assert.InRange(taken, Math.Floor(rate * 10 * 0.999), Math.Ceiling(rate * 10));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(1000, 10)]
    [InlineData(20_000, 50)]
    public async Task Waiters_are_granted_at_the_rate_in_the_order_of_asking(double rate, int burst)
    {
        using Throttle throttle = New(rate, burst);
        TakeAll(throttle);
        int count = (int)(rate / 10);
        Task<ThrottleLease>[] waiters = [.. Enumerable.Range(0, count).Select(_ => throttle.AcquireAsync(Cancellation).AsTask())];
        for (int ms = 1; ms <= 100; ms++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            int granted = count - throttle.Waiting;
            Assert.InRange(granted, Math.Floor(rate * (ms - 1) / 1000), rate * ms / 1000);
            await Task.WhenAll(waiters.Take(granted)).WaitAsync(Condition.Deadline, Cancellation);
            Assert.DoesNotContain(waiters.Skip(granted), static w => w.IsCompleted);
        }

        Assert.Equal(0, throttle.Waiting);
    }

    [Fact]
    public void However_long_it_was_idle_there_is_no_more_than_the_burst()
    {
        using Throttle throttle = New(1000, 100);
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromHours(i));
            Assert.InRange(TakeAll(throttle), 0, 100);
            Assert.False(throttle.TryAcquire(out _));
        }
    }

    [Theory]
    [InlineData(100, 1, 0.5)]
    [InlineData(10, 1, 0.9)]
    [InlineData(1000, 100, 50)]
    public void Late_timers_do_not_slow_the_rate(double rate, int burst, double lateBy)
    {
        var clock = new LateClock();
        using var throttle = new Throttle(perSecond: rate, burst: burst, timeProvider: clock);
        TakeAll(throttle);
        Task<ThrottleLease>[] waiters = [.. Enumerable.Range(0, (int)(2 * rate)).Select(_ => throttle.AcquireAsync(Cancellation).AsTask())];
        while (clock.Now < 1)
        {
            clock.Ring(lateBy / rate);
        }

        double granted = (waiters.Length - throttle.Waiting) / (clock.Now * rate);
        Assert.InRange(granted, 0.98 - (1.9 / rate), 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_very_late_timer_lets_the_burst_pass_and_no_more(int burst)
    {
        var clock = new LateClock();
        using var throttle = new Throttle(perSecond: 100, burst: burst, timeProvider: clock);
        TakeAll(throttle);
        Task<ThrottleLease>[] waiters = [.. Enumerable.Range(0, 200).Select(_ => throttle.AcquireAsync(Cancellation).AsTask())];

        clock.Ring(lateBySeconds: 1);

        // One more than the burst, because the time for one token may be made up for.
        Assert.InRange(waiters.Length - throttle.Waiting, burst, burst + 1);
    }

    [Fact]
    public async Task A_canceled_waiter_leaves_its_token_to_the_next()
    {
        using Throttle throttle = New(1);
        TakeAll(throttle);
        using var cancel = new CancellationTokenSource();
        Task<ThrottleLease> first = throttle.AcquireAsync(cancel.Token).AsTask();
        Task<ThrottleLease> second = throttle.AcquireAsync(Cancellation).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Condition.Deadline, Cancellation));
        Assert.Equal(1, throttle.Waiting);

        _time.Advance(TimeSpan.FromSeconds(1));

        await second.WaitAsync(Condition.Deadline, Cancellation);
        Assert.False(throttle.TryAcquire(out _));
    }

    [Fact]
    public async Task With_a_limit_too_both_hold_and_a_canceled_wait_gives_its_place_back()
    {
        using var throttle = new Throttle(limit: 3, perSecond: 1, burst: 2, _time);
        Assert.True(throttle.TryAcquire(out ThrottleLease one));
        Assert.True(throttle.TryAcquire(out _));
        // There is a place, but no token.
        Assert.False(throttle.TryAcquire(out _));
        using var cancel = new CancellationTokenSource();
        Task<ThrottleLease> third = throttle.AcquireAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third.WaitAsync(Condition.Deadline, Cancellation));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, throttle.Available);
        Assert.True(throttle.TryAcquire(out _));
        // There is a token, but no place.
        Assert.False(throttle.TryAcquire(out _));
        Task<ThrottleLease> fourth = throttle.AcquireAsync(Cancellation).AsTask();
        one.Dispose();
        await fourth.WaitAsync(Condition.Deadline, Cancellation);
    }

    [Fact]
    public void The_meter_shows_the_last_second()
    {
        using Throttle throttle = New(1000, 500);
        Assert.Equal(0, throttle.GrantedPerSecond);
        TakeAll(throttle);
        Assert.Equal(500, throttle.GrantedPerSecond);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(250, throttle.GrantedPerSecond);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, throttle.GrantedPerSecond);
    }

    private static int TakeAll(Throttle throttle)
    {
        int taken = 0;
        while (throttle.TryAcquire(out _))
        {
            taken++;
        }

        return taken;
    }

    private Throttle New(double rate, int? burst = null) => new(perSecond: rate, burst: burst, timeProvider: _time);
}
