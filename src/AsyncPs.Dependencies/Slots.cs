using System.Threading.RateLimiting;
using AsyncPs.Throttling;

namespace AsyncPs.Dependencies;

/// <summary>Slots on the concurrency limiter of System.Threading.RateLimiting.</summary>
/// <param name="limit">How many there are.</param>
internal sealed class Slots(int limit) : ISlots
{
    // Who waits is an item of a bounded call or a pipeline: the queue is as long as there are of these.
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = limit,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <inheritdoc/>
    public int Available => (int)(_limiter.GetStatistics()?.CurrentAvailablePermits ?? 0);

    /// <inheritdoc/>
    public int Waiting => (int)(_limiter.GetStatistics()?.CurrentQueuedCount ?? 0);

    /// <inheritdoc/>
    public IDisposable? TryAcquire()
    {
        try
        {
            return _limiter.AttemptAcquire() is { IsAcquired: true } lease ? lease : null;
        }
        catch (ObjectDisposedException)
        {
            throw Errors.ThrottleDisposed();
        }
    }

    /// <inheritdoc/>
    public ValueTask<IDisposable> AcquireAsync(CancellationToken cancellationToken)
    {
        ValueTask<RateLimitLease> acquiring;
        try
        {
            acquiring = _limiter.AcquireAsync(1, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            throw Errors.ThrottleDisposed();
        }

        return acquiring.IsCompletedSuccessfully ? new ValueTask<IDisposable>(Acquired(acquiring.Result)) : AwaitAsync(acquiring);
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private static async ValueTask<IDisposable> AwaitAsync(ValueTask<RateLimitLease> acquiring)
        => Acquired(await acquiring.ConfigureAwait(false));

    // With a queue that is never full, a lease without a permit means that the limiter is no more.
    private static RateLimitLease Acquired(RateLimitLease lease) => lease.IsAcquired ? lease : throw Errors.ThrottleDisposed();
}
