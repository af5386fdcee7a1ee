namespace AsyncPs.Concurrency;

/// <summary>
/// The items of one call that wait to be run: bounded, and aware of the call's limit. It is a channel and a semaphore in
/// one, so that taking an item and taking a place under the limit are a single step.
/// </summary>
/// <param name="limit">How many items may be in flight (taken and not yet released).</param>
/// <param name="capacity">How many items may wait.</param>
internal sealed class WorkQueue(int limit, int capacity)
{
    // Below this, waking a sleeping taker costs more than the item it would run.
    private const int SpinsBeforeSleep = 20;

    private readonly object _lock = new();
    private readonly Queue<WorkItem> _waiting = new(capacity);
    private int _inFlight;
    private int _sleepers;
    private long _taken;
    private bool _closed;

    /// <summary>How many items wait.</summary>
    public int Count => Volatile.Read(ref _count);

    private int _count;

    /// <summary>How many items have ever been taken.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>How many items are in flight.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How many takers sleep because there is nothing to take.</summary>
    public int Sleepers => Volatile.Read(ref _sleepers);

    /// <summary>Whether the queue is closed and empty.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_lock)
            {
                return _closed && _waiting.Count == 0;
            }
        }
    }

    /// <summary>Adds an item, unless the queue is full or closed.</summary>
    public bool TryAdd(WorkItem item)
    {
        lock (_lock)
        {
            if (_waiting.Count >= capacity || _closed)
            {
                return false;
            }

            _waiting.Enqueue(item);
            _count = _waiting.Count;
            if (_sleepers > 0 && _inFlight < limit)
            {
                Monitor.Pulse(_lock);
            }

            return true;
        }
    }

    /// <summary>Takes an item and a place under the limit, if both are to be had now.</summary>
    public bool TryTake([NotNullWhen(true)] out WorkItem? item)
    {
        lock (_lock)
        {
            return TakeLocked(out item);
        }
    }

    /// <summary>Takes an item and a place under the limit; sleeps until both are to be had. False once the queue is closed and empty.</summary>
    public bool Take([NotNullWhen(true)] out WorkItem? item)
    {
        var spinner = new SpinWait();
        while (Volatile.Read(ref _count) == 0 && !Volatile.Read(ref _closed) && spinner.Count < SpinsBeforeSleep)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        lock (_lock)
        {
            while (!TakeLocked(out item))
            {
                if (_closed && _waiting.Count == 0)
                {
                    return false;
                }

                _sleepers++;
                try
                {
                    Monitor.Wait(_lock);
                }
                finally
                {
                    _sleepers--;
                }
            }

            return true;
        }
    }

    /// <summary>Gives back the place of an item that has ended.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _inFlight--;
            if (_sleepers > 0 && _waiting.Count > 0)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>No more items will come: takers get what is left, then false.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Closes the queue and drops what waits in it.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _closed = true;
            _waiting.Clear();
            _count = 0;
            Monitor.PulseAll(_lock);
        }
    }

    private bool TakeLocked([NotNullWhen(true)] out WorkItem? item)
    {
        if (_inFlight < limit && _waiting.TryDequeue(out item))
        {
            _count = _waiting.Count;
            _inFlight++;
            _taken++;
            return true;
        }

        item = null;
        return false;
    }
}
