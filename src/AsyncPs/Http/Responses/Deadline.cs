namespace AsyncPs.Http.Responses;

/// <summary>
/// The time a step of a request may take, and what else ends it. One serves request after request: its timer runs on and looks
/// where the end is now, because setting a timer for every step costs more than the step.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly object _lock = new();
    private readonly CancellationTokenSource _source = new();
    private readonly Timer _timer;
    private CancellationToken _outer;
    private CancellationTokenRegistration _registration;
    private long _end = Never;
    private long _timerEnd = Never;
    private bool _passed;

    /// <summary>Makes one that does not run yet.</summary>
    public Deadline() => _timer = Guarded.Timer(TimerEnded);

    /// <summary>Ends the step.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether time is over, and nothing else has ended the step.</summary>
    public bool HasPassed => Volatile.Read(ref _passed) && !_outer.IsCancellationRequested;

    /// <summary>Begins to serve a request.</summary>
    /// <param name="outer">Ends a step for other reasons: the item's time is over, or the call is stopped.</param>
    /// <returns>False if what the last request was for has ended meanwhile: then this one is of no use any more.</returns>
    public bool TryBegin(CancellationToken outer)
    {
        if (outer != _outer)
        {
            // Returns only when a canceling by the last one is over.
            _registration.Dispose();
            if (_source.IsCancellationRequested)
            {
                return false;
            }

            _outer = outer;
            _registration = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }

        return true;
    }

    /// <summary>Begins the next step.</summary>
    /// <param name="timeout">How long it may take, or null for ever.</param>
    public void Restart(TimeSpan? timeout)
    {
        lock (_lock)
        {
            _end = timeout is { } time ? Environment.TickCount64 + (long)Math.Ceiling(time.TotalMilliseconds) : Never;
            if (_end < _timerEnd)
            {
                SetTimer();
            }
        }
    }

    /// <summary>The step is done. What follows may take as long as it likes: whoever takes the results is not the server's fault.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _end = Never;
        }
    }

    /// <summary>The request is done.</summary>
    /// <returns>Whether this one can serve another.</returns>
    public bool TryEnd()
    {
        lock (_lock)
        {
            _end = Never;
            return !_passed && !_source.IsCancellationRequested;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _registration.Dispose();
        _source.Dispose();
    }

    private void TimerEnded()
    {
        lock (_lock)
        {
            _timerEnd = Never;
            if (_end == Never)
            {
                return;
            }

            if (_end > Environment.TickCount64)
            {
                SetTimer();
                return;
            }

            // From here on it serves no other request, so whom the canceling reaches is the one whose time is over.
            Volatile.Write(ref _passed, true);
        }

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The step has ended at the last moment.
        }
    }

    private void SetTimer()
    {
        _timerEnd = _end;
        _timer.Change(Math.Max(1, _end - Environment.TickCount64), Timeout.Infinite);
    }
}
