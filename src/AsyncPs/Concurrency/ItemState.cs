using System.Diagnostics;
using AsyncPs.Resilience;
using AsyncPs.Telemetry;

namespace AsyncPs.Concurrency;

/// <summary>
/// The state of an item whose call does more than run it: when it started, what it has written, whether it has timed out, and how it
/// ended.
/// </summary>
internal sealed partial class ItemState(WorkItem item)
{
    private readonly object _lock = new();
    private List<StreamRecord>? _kept;
    private CancellationTokenSource? _source;
    private AsyncContext? _context;
    private long _startedAt;
    private long _readyAt;
    private TimeSpan _excluded;
    private bool _timedOut;
    private bool _canceled;
    private bool _ended;
    private ItemRetry? _retry;
    private ItemPermit? _permit;
    private CircuitProbe? _probe;
    private Activity? _asker;

    /// <summary>The span of the item; null before it runs, and without a listener.</summary>
    public Activity? Span { get; private set; }

    /// <summary>How many attempts have started.</summary>
    public int Attempt { get; private set; }

    /// <summary>The name of the remote worker that runs the item or has run it, or null.</summary>
    public string? Worker { get; set; }

    /// <summary>Whether the item has timed out.</summary>
    public bool IsTimedOut => Volatile.Read(ref _timedOut);

    /// <summary>Whether the item was canceled alone.</summary>
    public bool IsCanceled => Volatile.Read(ref _canceled);

    /// <summary>Canceled when the item must stop waiting. Only in a detached call does the item's own time-out count.</summary>
    public CancellationToken StopToken => item.Call.Options.Detached ? Token : item.Call.CancellationToken;

    /// <summary>The permits the item runs with, or null if it needs none.</summary>
    public ItemPermit? Permit => _permit;

    /// <summary>
    /// When the next attempt starts, in milliseconds of <see cref="Environment.TickCount64"/>; 0 while it does not wait for that.
    /// </summary>
    public long RetryAt => _retry?.NextAt ?? 0;

    /// <summary>
    /// When the first attempt started, as a timestamp of <see cref="Stopwatch"/>; 0 before that.
    /// </summary>
    public long StartedAt => Volatile.Read(ref _startedAt);

    /// <summary>Whether the item has timed out, even if only its token shows it so far.</summary>
    public bool IsTimeOver
    {
        get
        {
            lock (_lock)
            {
                _timedOut |= _source?.IsCancellationRequested == true && !_canceled && !item.Call.CancellationToken.IsCancellationRequested;
                return _timedOut;
            }
        }
    }

    /// <summary>The value of `$AsyncContext` in a block.</summary>
    public AsyncContext Context => _context ??= new AsyncContext(item);

    /// <summary>The time that the item has left; infinite without a limit.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            if (item.Call.Options.ItemTimeout is not { } timeout)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = timeout - (Elapsed - _excluded);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Canceled when the item times out or the call is stopped. Created on first use.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                if (_ended)
                {
                    return new CancellationToken(canceled: true);
                }

                if (_source is null)
                {
                    _source = CancellationTokenSource.CreateLinkedTokenSource(item.Call.CancellationToken);
                    if (IsTimedOut)
                    {
                        _source.Cancel();
                    }
                    else if (_startedAt != 0)
                    {
                        _source.CancelAfter(TimeLeft);
                    }
                }

                return _source.Token;
            }
        }
    }

    private TimeSpan Elapsed => _startedAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Starts an attempt, unless the item was canceled or lacks a permit.</summary>
    public bool TryStart()
    {
        if (_readyAt != 0)
        {
            item.Call.NoteWait(item, _readyAt);
            _readyAt = 0;
        }

        if (IsCanceled)
        {
            EndAttempt(stopped: true);
            return false;
        }

        if (_retry?.AwaitsVerdict == true)
        {
            return true;
        }

        CircuitBreaker? breaker = item.Call.Options.CircuitBreaker;
        ErrorRecord? refusal = breaker?.Refusal;
        if (refusal is null && !TryTakePermits())
        {
            return false;
        }

        if (_startedAt == 0)
        {
            Begin();
        }

        refusal ??= breaker?.Enter(out _probe);
        if (refusal is not null)
        {
            _ = RefuseAsync(refusal);
            return false;
        }

        Attempt++;
        return true;
    }

    /// <summary>Notes that nothing but a place and a worker is missing to the item.</summary>
    public void NoteReady() => _readyAt = Stopwatch.GetTimestamp();

    /// <summary>Notes the parent span of the item, if its call has none: the span of the code that has just requested it.</summary>
    public void NoteAsker()
    {
        if (Tracing.IsEnabled)
        {
            _asker = Activity.Current;
        }
    }

    /// <summary>
    /// Takes the permits that the item needs. If one is missing, the item is put aside and returns to the queue with them.
    /// </summary>
    public bool TryTakePermits()
    {
        CallOptions options = item.Call.Options;
        if (options.Throttle is null && options.OwnThrottle is null)
        {
            return true;
        }

        return (_permit ??= new ItemPermit(item, options.OwnThrottle, options.Throttle)).TryTake(_startedAt == 0 ? StopToken : Token);
    }

    /// <summary>Cancels the item, wherever it is. Any thread; returns at once.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            if (_ended || _canceled)
            {
                return;
            }

            Volatile.Write(ref _canceled, true);
            _ = Token;

            // CancelAsync, because waiters for the token would otherwise continue on this thread.
            _ = _source!.CancelAsync();
        }

        item.Call.Stop(item);
    }

    /// <summary>The failure that the caller's filter block is to judge, or null.</summary>
    public ErrorRecord? FailureToJudge => _retry is { AwaitsVerdict: true } ? LastError : null;

    /// <summary>Takes the answer of the caller's filter block.</summary>
    public void Judge(bool mayRetry) => _retry!.Judge(mayRetry);

    /// <summary>Keeps a record until the item has ended, if the call requires it.</summary>
    public bool TryKeep(in StreamRecord record)
    {
        CallOptions options = item.Call.Options;
        if (!(record.Kind == StreamKind.Output ? options.KeepsOutput : record.Kind == StreamKind.Error && options.KeepsErrors))
        {
            return false;
        }

        lock (_lock)
        {
            (_kept ??= []).Add(record);
        }

        return true;
    }

    /// <summary>Notes that the item has timed out.</summary>
    /// <returns>The exception that ends a wait for it.</returns>
    public OperationCanceledException TimeIsOver()
    {
        Volatile.Write(ref _timedOut, true);
        return new OperationCanceledException();
    }

    /// <summary>Excludes time from the item's time-out: the item could have continued, but its worker was busy with others.</summary>
    public void Exclude(TimeSpan time)
    {
        lock (_lock)
        {
            _excluded += time;
            if (_source is not null && !_ended)
            {
                _source.CancelAfter(TimeLeft);
            }
        }
    }

    /// <summary>The last error that the item has written, if errors are kept.</summary>
    public ErrorRecord? LastError
    {
        get
        {
            lock (_lock)
            {
                return (ErrorRecord?)_kept?.FindLast(static r => r.Kind == StreamKind.Error).Data;
            }
        }
    }

    /// <summary>Discards the output of the failed attempt before the next one.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            if (item.Call.Options.ResumesAttempts)
            {
                _kept?.RemoveAll(static r => r.Kind == StreamKind.Error);
            }
            else
            {
                _kept = null;
            }
        }

        item.Forget();
    }

    private void Begin()
    {
        lock (_lock)
        {
            _startedAt = Stopwatch.GetTimestamp();
            if (_source is not null && !_ended)
            {
                _source.CancelAfter(TimeLeft);
            }
        }

        if (Tracing.IsEnabled)
        {
            Span = CallSpans.Begin(item, _asker?.Context ?? default);
        }

        item.Sink?.Started();
    }

    private async Task RefuseAsync(ErrorRecord refusal)
    {
        bool stopped = false;
        try
        {
            await item.FailAsync(ErrorCauses.ExceptionOf(refusal)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped.
            stopped = true;
        }

        EndAttempt(stopped);
    }
}
