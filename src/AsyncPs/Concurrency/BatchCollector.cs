namespace AsyncPs.Concurrency;

/// <summary>Makes one item of several input objects. A batch leaves when it is full, when its time is up, or at the end.</summary>
/// <param name="call">The call that gets the batches, as arrays.</param>
/// <param name="size">How many objects a full batch has.</param>
/// <param name="delay">How long the first object of a batch waits for others; null waits without limit.</param>
internal sealed class BatchCollector(ConcurrentCall call, int size, TimeSpan? delay) : IDisposable
{
    private readonly object _lock = new();
    private readonly ItemBatch _batch = new(size, delay);
    private Timer? _timer;
    private object? _work;
    private bool _disposed;

    /// <summary>Adds an object. Pipeline thread only.</summary>
    /// <param name="input">The object.</param>
    /// <param name="work">The work of the batch that this object completes, or null.</param>
    public void Add(object? input, object? work)
    {
        lock (_lock)
        {
            _work = work;
            bool begins = _batch.IsEmpty;
            _batch.Add(input);
            if (_batch.IsFull)
            {
                call.Add(Take(), _work);
            }
            else if (begins && delay is not null)
            {
                Arm(delay.Value);
            }
        }
    }

    /// <summary>Sends the last batch, because there is no more input. Pipeline thread only.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            if (!_batch.IsEmpty)
            {
                call.Add(Take(), _work);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private object?[] Take()
    {
        _timer?.Change(Timeout.Infinite, Timeout.Infinite);
        return _batch.Take().Elements;
    }

    private void Arm(TimeSpan time)
    {
        _timer ??= Guarded.Timer(Leave, call.Fail);
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    // Runs on a timer's thread while the pipeline thread is with the producer. If the pipeline thread is here, it checks the batch
    // itself; without room, the batch waits.
    private void Leave()
    {
        if (!Monitor.TryEnter(_lock))
        {
            return;
        }

        try
        {
            if (_disposed || _batch.IsEmpty)
            {
                return;
            }

            if (call.TryAdd(_batch.Elements, _work))
            {
                _batch.Take();
            }
            else
            {
                Arm(delay!.Value);
            }
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }
}
