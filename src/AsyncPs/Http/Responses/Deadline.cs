namespace AsyncPs.Http.Responses;

/// <summary>
/// The time limit of one step of a request, together with the other reasons to end it. One instance serves many requests: its timer
/// keeps running and checks where the end is now, because setting a timer for every step costs more than the step.
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

    /// <summary>Creates a deadline that does not run yet.</summary>
    public Deadline() => _timer = Guarded.Timer(TimerEnded);

    /// <summary>Canceled when the step must end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is up and nothing else has ended the step.</summary>
    public bool HasPassed => Volatile.Read(ref _passed) && !_outer.IsCancellationRequested;

    /// <summary>Starts to serve a request.</summary>
    /// <param name="outer">Ends a step for other reasons: the item times out, or the call is stopped.</param>
    /// <returns>False if the previous request was canceled in the meantime, so that this deadline can no longer be used.</returns>
    public bool TryBegin(CancellationToken outer)
    {
        if (outer != _outer)
        {
            // Dispose returns only when a running cancellation is over.
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

    /// <summary>Starts the next step.</summary>
    /// <param name="timeout">How long it may take; null for no limit.</param>
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

    /// <summary>Ends the step. What follows is not limited: a slow consumer of the results is not the server's fault.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _end = Never;
        }
    }

    /// <summary>Ends the request.</summary>
    /// <returns>Whether the deadline can serve another one.</returns>
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

            // From here on it serves no other request, so the cancellation reaches only the request that has timed out.
            Volatile.Write(ref _passed, true);
        }

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The step ended at the last moment.
        }
    }

    private void SetTimer()
    {
        _timerEnd = _end;
        _timer.Change(Math.Max(1, _end - Environment.TickCount64), Timeout.Infinite);
    }
}
