namespace AsyncPs.Throttling;

/// <summary>
/// A shared limiter: a number of concurrent permits (asyncio's <c>Semaphore</c>), a rate (a token bucket), or both. Callers are served in
/// order. All members are safe for any thread and any runspace.
/// </summary>
public sealed class Throttle : IDisposable
{
    private readonly FifoSemaphore? _slots;
    private readonly TokenBucket? _bucket;
    private readonly RateMeter _meter;
    private volatile bool _disposed;

    /// <summary>Creates a limiter.</summary>
    /// <param name="limit">The largest number of permits held at the same time, from 1; null for no limit.</param>
    /// <param name="perSecond">How many permits are granted per second, more than 0; null for no limit.</param>
    /// <param name="burst">
    /// How many permits may be granted at once after a pause, from 1. Default: as many as come in a tenth of a second, at least 1.
    /// </param>
    /// <param name="timeProvider">The clock. Default: the system's.</param>
    /// <exception cref="ArgumentException">Neither a limit nor a rate is given, or a burst without a rate.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public Throttle(int? limit = null, double? perSecond = null, int? burst = null, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit ?? 1, 1, nameof(limit));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond ?? 1, nameof(perSecond));
        ArgumentOutOfRangeException.ThrowIfLessThan(burst ?? 1, 1, nameof(burst));
        if ((limit is null && perSecond is null) || (burst is not null && perSecond is null))
        {
            throw new ArgumentException("A throttle needs a limit, a rate, or both, and a burst needs a rate.");
        }

        ThrottleMetrics.Throttles.Add(this);
        TimeProvider time = timeProvider ?? TimeProvider.System;
        Limit = limit;
        PerSecond = perSecond;
        _meter = new RateMeter(time);
        _slots = limit is { } places ? new FifoSemaphore(places) : null;
        if (perSecond is { } rate)
        {
            Burst = burst ?? (int)Math.Clamp(Math.Round(rate / 10), 1, int.MaxValue);
            _bucket = new TokenBucket(rate, Burst.Value, time);
        }
    }

    /// <summary>The largest number of permits held at the same time; null for no limit.</summary>
    public int? Limit { get; }

    /// <summary>How many permits are granted per second; null for no limit.</summary>
    public double? PerSecond { get; }

    /// <summary>How many permits may be granted at once after a pause; null without a rate.</summary>
    public int? Burst { get; }

    /// <summary>How many permits are available now.</summary>
    public int Available => _disposed ? 0 : Math.Min(_slots?.Available ?? int.MaxValue, _bucket?.Available ?? int.MaxValue);

    /// <summary>How many permits are held; always zero without a limit.</summary>
    internal int Taken => _disposed || _slots is null ? 0 : Limit!.Value - _slots.Available;

    /// <summary>How many callers wait for a permit.</summary>
    public int Waiting => _disposed ? 0 : (_slots?.Waiting ?? 0) + (_bucket?.Waiting ?? 0);

    /// <summary>How many permits were granted in about the last second.</summary>
    public double GrantedPerSecond => Math.Round(_meter.PerSecond, 1);

    /// <summary>Whether a permit is available now without waiting.</summary>
    public bool IsOpen => Available > 0 && Waiting == 0;

    /// <summary>Whether the limiter was disposed.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Takes a permit in the order of callers. Completes synchronously if one is available.</summary>
    /// <param name="cancellationToken">Ends the wait, without losing a permit.</param>
    /// <returns>The permit, which the caller disposes.</returns>
    /// <exception cref="ObjectDisposedException">The limiter was disposed, before or during the wait.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ValueTask<ThrottleLease> AcquireAsync(CancellationToken cancellationToken = default)
        => AcquireAsync(tokenToo: true, cancellationToken);

    /// <summary>
    /// Takes a permit. If <paramref name="tokenToo"/> is false, takes only the place under the limit, for a caller that was granted a
    /// permit before.
    /// </summary>
    internal ValueTask<ThrottleLease> AcquireAsync(bool tokenToo, CancellationToken cancellationToken)
    {
        TokenBucket? bucket = tokenToo ? _bucket : null;
        if (_disposed)
        {
            return ValueTask.FromException<ThrottleLease>(ThrottleErrors.ThrottleDisposed());
        }

        if (_slots is null)
        {
            ValueTask taking = bucket?.TakeAsync(cancellationToken) ?? ValueTask.CompletedTask;
            return taking.IsCompletedSuccessfully ? new ValueTask<ThrottleLease>(Granted(null)) : AwaitTokenAsync(taking, null);
        }

        ValueTask<IDisposable> acquiring = _slots.AcquireAsync(cancellationToken);
        return acquiring.IsCompletedSuccessfully
            ? TakeToken(acquiring.Result, bucket, cancellationToken)
            : AwaitSlotAsync(acquiring, bucket, cancellationToken);
    }

    /// <summary>Takes a permit if one is available and no caller waits for it.</summary>
    /// <param name="lease">The permit, which the caller disposes.</param>
    /// <returns>Whether a permit was taken.</returns>
    /// <exception cref="ObjectDisposedException">The limiter was disposed.</exception>
    public bool TryAcquire(out ThrottleLease lease)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        if (_disposed)
        {
            throw ThrottleErrors.ThrottleDisposed();
        }

        lease = default;
        IDisposable? slot = _slots?.TryAcquire();
        if (_slots is not null && slot is null)
        {
            return false;
        }

        if (_bucket?.TryTake() == false)
        {
            slot?.Dispose();
            return false;
        }

        lease = Granted(slot);
        return true;
    }

    /// <summary>Fails all current and later callers. Permits that are held can still be returned.</summary>
    public void Dispose()
    {
        _disposed = true;
        _slots?.Dispose();
        _bucket?.Dispose();
    }

    private ThrottleLease Granted(IDisposable? slot)
    {
        _meter.Add();
        return new ThrottleLease(slot);
    }

    // The slot first: tokens taken while waiting for a slot would add up, and then be used all at once.
    private async ValueTask<ThrottleLease> AwaitSlotAsync(
        ValueTask<IDisposable> acquiring,
        TokenBucket? bucket,
        CancellationToken cancellationToken)
        => await TakeToken(await acquiring.ConfigureAwait(false), bucket, cancellationToken).ConfigureAwait(false);

    private ValueTask<ThrottleLease> TakeToken(IDisposable slot, TokenBucket? bucket, CancellationToken cancellationToken)
    {
        if (bucket is null)
        {
            return new ValueTask<ThrottleLease>(Granted(slot));
        }

        try
        {
            ValueTask taking = bucket.TakeAsync(cancellationToken);
            return taking.IsCompletedSuccessfully ? new ValueTask<ThrottleLease>(Granted(slot)) : AwaitTokenAsync(taking, slot);
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    private async ValueTask<ThrottleLease> AwaitTokenAsync(ValueTask taking, IDisposable? slot)
    {
        try
        {
            await taking.ConfigureAwait(false);
        }
        catch
        {
            slot?.Dispose();
            throw;
        }

        return Granted(slot);
    }
}
