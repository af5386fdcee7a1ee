namespace AsyncPs.Throttling;

/// <summary>A semaphore that serves its callers in order.</summary>
/// <remarks>
/// The ConcurrencyLimiter of System.Threading.RateLimiting does the same, but has a defect in 8.0.0 as in 10.0.15: a caller that asks
/// while the last waiter is being canceled may be queued although all permits are free. Then nothing wakes it.
/// </remarks>
internal sealed class FifoSemaphore : IDisposable
{
    private readonly object _lock = new();
    private readonly WaiterQueue _waiters;
    private int _available;
    private bool _disposed;

    /// <summary>Creates a semaphore whose slots are all free.</summary>
    /// <param name="count">The number of slots, from 1.</param>
    public FifoSemaphore(int count)
    {
        _available = count;
        _waiters = new WaiterQueue(_lock);
    }

    /// <summary>How many slots are free.</summary>
    public int Available
    {
        get
        {
            lock (_lock)
            {
                return _available;
            }
        }
    }

    /// <summary>How many callers wait for a slot.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Takes a slot if one is free, in which case no caller waits for it.</summary>
    /// <returns>The slot; the first disposal returns it, and later ones do nothing. Null if there is none.</returns>
    /// <exception cref="ObjectDisposedException">The slots were disposed.</exception>
    public IDisposable? TryAcquire()
    {
        lock (_lock)
        {
            return TryTake();
        }
    }

    /// <summary>Takes a slot in the order of callers. Completes synchronously if one is free.</summary>
    /// <returns>The slot, which disposing returns, once however often it is disposed.</returns>
    /// <exception cref="ObjectDisposedException">The slots were disposed, before or during the wait.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; no slot is lost.</exception>
    public ValueTask<IDisposable> AcquireAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IDisposable>(cancellationToken);
        }

        lock (_lock)
        {
            return TryTake() is { } slot ? new ValueTask<IDisposable>(slot) : AwaitAsync(_waiters.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Fails all current and later callers. Slots that are taken can still be returned.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _waiters.FailAll();
        }
    }

    private Slot? TryTake()
    {
        if (_disposed)
        {
            throw ThrottleErrors.ThrottleDisposed();
        }

        if (_available == 0)
        {
            return null;
        }

        _available--;
        return new Slot(this);
    }

    private async ValueTask<IDisposable> AwaitAsync(Task granted)
    {
        await granted.ConfigureAwait(false);
        return new Slot(this);
    }

    private void Return()
    {
        lock (_lock)
        {
            // The slot passes to the next waiter without becoming free, so no caller can overtake it.
            if (!_waiters.TryGrant())
            {
                _available++;
            }
        }
    }

    /// <summary>A taken slot.</summary>
    private sealed class Slot(FifoSemaphore slots) : IDisposable
    {
        private int _givenBack;

        public void Dispose()
        {
            using Uninterrupted.Region region = Uninterrupted.Begin();
            if (Interlocked.Exchange(ref _givenBack, 1) == 0)
            {
                slots.Return();
            }
        }
    }
}
