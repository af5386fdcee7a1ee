namespace AsyncPs.Pooling;

/// <content>The counters of a pool.</content>
public sealed partial class AsyncPool
{
    private long _created;
    private long _destroyed;
    private long _failures;

    /// <summary>How many objects there are, including those that are being created or disposed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _live;
            }
        }
    }

    /// <summary>How many objects are unused.</summary>
    public int Idle
    {
        get
        {
            lock (_lock)
            {
                return _idle.Count;
            }
        }
    }

    /// <summary>How many objects are in use, or being created, reset, validated or disposed.</summary>
    public int InUse => _options.MaxSize - _slots.Available;

    /// <summary>How many callers wait for an object.</summary>
    public int Waiting => _slots.Waiting;

    /// <summary>How many objects were created so far.</summary>
    public long Created => Volatile.Read(ref _created);

    /// <summary>How many objects were disposed so far.</summary>
    public long Destroyed => Volatile.Read(ref _destroyed);

    /// <summary>How many times creating, resetting, validating or disposing an object has failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>The last error of these; null if there was none.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>Whether the pool was disposed.</summary>
    public bool IsDisposed => _disposed;

    private void Note(Exception error)
    {
        if (error is OperationCanceledException)
        {
            return;
        }

        Interlocked.Increment(ref _failures);
        LastError = Resilience.ErrorCauses.RecordOf(error);
    }
}
