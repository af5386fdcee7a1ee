namespace AsyncPs.Throttling;

/// <summary>
/// A token bucket that serves its callers in order. It stores the time at which it will be full again instead of a number of tokens that
/// has to be refilled. So it is exact at any rate, and a timer runs only while a caller waits.
/// </summary>
/// <remarks>
/// System.Threading.RateLimiting has a token bucket too. Refilled by its own timer, it reaches a quarter of the rate if the period is a
/// millisecond; refilled by hand, an idle one grants twice its burst; and it uses its own clock.
/// </remarks>
internal sealed class TokenBucket : IDisposable
{
    private readonly object _lock = new();
    private readonly WaiterQueue _waiters;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly double _interval;
    private readonly double _tolerance;
    private ITimer? _timer;
    private double _fullAt;
    private bool _disposed;

    /// <summary>Creates a full bucket.</summary>
    /// <param name="perSecond">How many tokens are added per second.</param>
    /// <param name="burst">Its capacity, from 1.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(double perSecond, int burst, TimeProvider time)
    {
        Burst = burst;
        _waiters = new WaiterQueue(_lock);
        _time = time;
        _start = time.GetTimestamp();
        _interval = time.TimestampFrequency / perSecond;

        // A token is available when the bucket lacks all but one. The tolerance keeps rounding from delaying it by one timer tick.
        _tolerance = (burst - 1 + 1e-6) * _interval;
    }

    /// <summary>Its capacity.</summary>
    public int Burst { get; }

    /// <summary>How many tokens it contains now.</summary>
    public int Available
    {
        get
        {
            lock (_lock)
            {
                double missing = Math.Max(0, _fullAt - Now) / _interval;
                return Math.Max(0, (int)Math.Floor(Burst - missing + 1e-6));
            }
        }
    }

    /// <summary>How many callers wait for a token.</summary>
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

    /// <summary>Takes a token if one is available and no caller waits for it.</summary>
    /// <exception cref="ObjectDisposedException">The bucket was disposed.</exception>
    public bool TryTake()
    {
        lock (_lock)
        {
            return TryTakeUnlocked();
        }
    }

    /// <summary>Takes a token in the order of callers. Completes synchronously if one is available.</summary>
    /// <exception cref="ObjectDisposedException">The bucket was disposed, before or during the wait.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; no token is lost.</exception>
    public ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        lock (_lock)
        {
            if (TryTakeUnlocked())
            {
                return ValueTask.CompletedTask;
            }

            Task granted = _waiters.WaitAsync(cancellationToken);
            if (_waiters.Count == 1)
            {
                SetTimer(Now);
            }

            return new ValueTask(granted);
        }
    }

    /// <summary>Fails all current and later callers.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
            _waiters.FailAll();
        }
    }

    private double Now => _time.GetTimestamp() - _start;

    private bool TryTakeUnlocked()
    {
        if (_disposed)
        {
            throw ThrottleErrors.ThrottleDisposed();
        }

        double now = Now;
        if (_waiters.Count > 0 || _fullAt > now + _tolerance)
        {
            return false;
        }

        _fullAt = Math.Max(_fullAt, now) + _interval;
        return true;
    }

    private void Serve()
    {
        lock (_lock)
        {
            double now = Now;
            while (_fullAt <= now + _tolerance && _waiters.TryGrant())
            {
                // Timers are late. Up to the time of one token is made up for; otherwise the rate would never quite be reached.
                _fullAt = Math.Max(_fullAt, now - _interval) + _interval;
            }

            SetTimer(now);
        }
    }

    private void SetTimer(double now)
    {
        if (_waiters.Count == 0 || _disposed)
        {
            return;
        }

        // Timers count whole milliseconds, and rounding down would be too early.
        double seconds = (_fullAt - _tolerance - now) / _time.TimestampFrequency;
        TimeSpan due = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(seconds * 1000), 1, int.MaxValue));
        _timer ??= Guarded.Timer(_time, Serve);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
