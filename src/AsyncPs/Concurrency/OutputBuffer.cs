using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// The bounded way from everything that runs to the pipeline thread, the only thread that writes.
/// Writers wait while it is full (back-pressure); the pipeline thread sleeps while it is empty, and takes all there is in one
/// go. While items are short it is woken for a batch of records rather than for each: a wake-up costs more than such an item.
/// </summary>
/// <param name="capacity">How many records may be under way.</param>
/// <param name="window">The reorder window that holds records of later items back, or null when results leave as they come.</param>
/// <param name="stopping">Canceled when the call is stopped: nobody waits any longer, nothing more is kept.</param>
internal sealed partial class OutputBuffer(int capacity, ReorderWindow? window, CancellationToken stopping)
{
    /// <summary>The longest a record of short items waits for its batch.</summary>
    public static readonly TimeSpan BatchDelay = TimeSpan.FromMilliseconds(2);

    private readonly object _lock = new();
    private Queue<StreamRecord> _records = new(capacity);
    private Queue<StreamRecord> _reading = new(capacity);
    private TaskCompletionSource? _room;
    private bool _readerSleeps;
    private bool _flush;
    private bool _woken;
    private bool _inBatches;

    /// <summary>
    /// Whether records come in such quick succession that the reader need not be woken for each. The reader unsets it when they do not.
    /// </summary>
    public bool InBatches
    {
        get => Volatile.Read(ref _inBatches);
        set
        {
            if (value == Volatile.Read(ref _inBatches))
            {
                return;
            }

            lock (_lock)
            {
                // A reader that sleeps until it is woken for a record would not be woken for one of a batch any more.
                _inBatches = value;
                WakeReader();
            }
        }
    }

    /// <summary>
    /// Whether who has written output waits until there is room for more: nothing is made that there is no place for. Default: no.
    /// </summary>
    public bool HoldsWriters { get; init; }

    /// <summary>How many records are such a batch. Default: 128.</summary>
    public int Batch { get; set; } = 128;

    /// <summary>Whether no more records fit in until the pipeline thread takes some.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _records.Count >= capacity;
            }
        }
    }

    /// <summary>Whether the pipeline thread sleeps, or is about to.</summary>
    public bool ReaderSleeps => Volatile.Read(ref _readerSleeps);

    /// <summary>Adds a record; the calling thread waits while the buffer, or the item's place in the window, is not free.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(in StreamRecord record)
    {
        if (MustWaitForTurn(record))
        {
            using var turn = new NotedWait(record.Item, WaitNote.Order);
            window!.WaitForTurn(record.Item!, stopping);
        }

        while (!TryWrite(record, out Task? room))
        {
            using var wait = new NotedWait(record.Item, WaitNote.Pipeline);
            room.WaitAsync(stopping).GetAwaiter().GetResult();
        }

        while (MustHold(record, out Task? more))
        {
            more.WaitAsync(stopping).GetAwaiter().GetResult();
        }
    }

    /// <summary>Adds a record without ever blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask WriteAsync(StreamRecord record)
        => MustWaitForTurn(record) ? WaitAndWriteAsync(record, room: null)
            : TryWrite(record, out Task? room) ? HoldAsync(record)
            : WaitAndWriteAsync(record, room);

    /// <summary>Wakes the pipeline thread if there is a record, batch or not.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_readerSleeps && _records.Count > 0)
            {
                _flush = true;
                WakeReader();
            }
        }
    }

    /// <summary>Wakes the pipeline thread, record or not: what it waits for may have come true, or the call is being stopped.</summary>
    public void WakeUp()
    {
        lock (_lock)
        {
            WakeReader();
        }
    }

    /// <summary>Takes the next record, if there is one. Pipeline thread only.</summary>
    public bool TryRead(out StreamRecord record)
    {
        if (_reading.TryDequeue(out record))
        {
            return true;
        }

        TaskCompletionSource? room;
        lock (_lock)
        {
            if (_records.Count == 0)
            {
                return false;
            }

            (_records, _reading) = (_reading, _records);
            room = _room;
            _room = null;
        }

        room?.SetResult();
        return _reading.TryDequeue(out record);
    }

    /// <summary>Sleeps until there is a record, or something else to do. Pipeline thread only.</summary>
    /// <param name="done">Whether there is something else to do; looked at again at every <see cref="WakeUp"/>.</param>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void WaitForRecord(Func<bool> done)
    {
        lock (_lock)
        {
            Volatile.Write(ref _readerSleeps, true);

            // Who makes `done` true looks at the flag afterwards; this looks at `done` after the flag is set.
            Interlocked.MemoryBarrier();
            try
            {
                while (_records.Count < (_inBatches ? Batch : 1))
                {
                    stopping.ThrowIfCancellationRequested();
                    if (done())
                    {
                        return;
                    }

                    if (!Monitor.Wait(_lock, _inBatches ? BatchDelay : Timeout.InfiniteTimeSpan))
                    {
                        // A batch that does not fill up in time shows that the items are not short any more.
                        _inBatches = false;
                    }

                    _woken = false;
                    if (_flush)
                    {
                        return;
                    }
                }
            }
            finally
            {
                _readerSleeps = false;
                _flush = false;
            }
        }
    }

    private async ValueTask WaitAndWriteAsync(StreamRecord record, Task? room)
    {
        using var wait = new NotedWait(record.Item, room is null ? WaitNote.Order : WaitNote.Pipeline);
        if (room is null)
        {
            await window!.WaitForTurnAsync(record.Item!, stopping).ConfigureAwait(false);
        }
        else
        {
            await room.WaitAsync(stopping).ConfigureAwait(false);
        }

        while (!TryWrite(record, out room))
        {
            await room.WaitAsync(stopping).ConfigureAwait(false);
        }

        await HoldAsync(record).ConfigureAwait(false);
    }

    private ValueTask HoldAsync(in StreamRecord record)
    {
        return MustHold(record, out Task? room) ? WaitAsync(record, room) : default;

        async ValueTask WaitAsync(StreamRecord record, Task room)
        {
            do
            {
                await room.WaitAsync(stopping).ConfigureAwait(false);
            }
            while (MustHold(record, out room!));
        }
    }

    private bool MustHold(in StreamRecord record, [NotNullWhen(true)] out Task? room)
    {
        room = null;
        if (!HoldsWriters || record.Kind != StreamKind.Output)
        {
            return false;
        }

        lock (_lock)
        {
            if (_records.Count < capacity)
            {
                return false;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = _room.Task;
            return true;
        }
    }

    private bool MustWaitForTurn(in StreamRecord record)
        => window is not null && record is { Item: { } item, Kind: not (StreamKind.Progress or StreamKind.PipelineCall) } && !window.MayWrite(item);

    private bool TryWrite(in StreamRecord record, [NotNullWhen(false)] out Task? room)
    {
        lock (_lock)
        {
            stopping.ThrowIfCancellationRequested();
            if (_records.Count >= capacity)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
                WakeReader();
                return false;
            }

            _records.Enqueue(record);
            if (!_inBatches || _records.Count >= Batch)
            {
                WakeReader();
            }

            room = null;
            return true;
        }
    }

    private void WakeReader()
    {
        if (_readerSleeps && !_woken)
        {
            _woken = true;
            Monitor.Pulse(_lock);
            _wakeUp?.TrySetResult();
        }
    }
}
