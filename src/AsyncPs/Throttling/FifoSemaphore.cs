namespace AsyncPs.Throttling;

/// <summary>So many at once: a semaphore that serves in the order of asking.</summary>
/// <remarks>
/// The ConcurrencyLimiter of System.Threading.RateLimiting is one too, but (in 8.0.0 as in 10.0.15) who asks while the last waiter
/// is being canceled may queue although all permits are free, and then nobody is left to wake it.
/// </remarks>
internal sealed class FifoSemaphore : IDisposable
{
    private readonly object _lock = new();
    private readonly WaiterQueue _waiters;
    private int _available;
    private bool _disposed;

    /// <summary>Makes slots, all of them free.</summary>
    /// <param name="count">How many, from 1.</param>
    public FifoSemaphore(int count)
    {
        _available = count;
        _waiters = new WaiterQueue(_lock);
    }

    /// <summary>How many are free.</summary>
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

    /// <summary>How many are being waited for.</summary>
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

    /// <summary>Takes a slot if one is free; then nobody waits for it.</summary>
    /// <returns>What gives the slot back when it is disposed, once however often that is; null if there is none.</returns>
    /// <exception cref="ObjectDisposedException">The slots were disposed.</exception>
    public IDisposable? TryAcquire()
    {
        lock (_lock)
        {
            return TryTake();
        }
    }

    /// <summary>Takes a slot, after all who asked before. Completes synchronously if one is free.</summary>
    /// <returns>What gives the slot back when it is disposed, once however often that is.</returns>
    /// <exception cref="ObjectDisposedException">The slots were disposed, before or meanwhile.</exception>
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

    /// <summary>Fails all who wait, and all who will ask. FifoSemaphore that are taken can still be given back.</summary>
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
            // It goes to the next who waits without ever being free, so nobody can overtake.
            if (!_waiters.TryGrant())
            {
                _available++;
            }
        }
    }

    /// <summary>A slot that is taken.</summary>
    private sealed class Slot(FifoSemaphore slots) : IDisposable
    {
        private int _givenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _givenBack, 1) == 0)
            {
                slots.Return();
            }
        }
    }
}
