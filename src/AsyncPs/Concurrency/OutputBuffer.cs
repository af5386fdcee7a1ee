using AsyncPs.Concurrency.Measuring;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// The bounded buffer between everything that runs and the pipeline thread, the only thread that writes. Writers wait while it is full
/// (back-pressure). The pipeline thread sleeps while it is empty, and takes all records at once. While items are short, it is woken for
/// a batch of records rather than for each, because a wake-up costs more than a short item.
/// </summary>
/// <param name="capacity">The largest number of records in it.</param>
/// <param name="window">The reorder window that holds back records of later items, or null when results leave in order of
/// completion.</param>
/// <param name="stopping">Canceled when the call is stopped: then no writer waits and no record is kept.</param>
internal sealed partial class OutputBuffer(int capacity, ReorderWindow? window, CancellationToken stopping)
{
    /// <summary>The longest time that a record of short items waits for its batch.</summary>
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
    /// Whether records arrive in such quick succession that the reader is woken per batch. The reader resets it when they slow down.
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
                // A reader that sleeps until the next record would not be woken for a record of a batch.
                _inBatches = value;
                WakeReader();
            }
        }
    }

    /// <summary>Whether an item that has written output waits for room, so that nothing is produced without a place. Default: no.</summary>
    public bool HoldsWriters { get; init; }

    /// <summary>Receives the time that writers wait, or null.</summary>
    public ConcurrentStatistics? Statistics { get; init; }

    /// <summary>The size of such a batch. Default: 128.</summary>
    public int Batch { get; set; } = 128;

    /// <summary>Whether it is full until the pipeline thread takes records.</summary>
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

    /// <summary>Adds a record. Blocks the calling thread while the buffer or the item's place in the window is not free.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(in StreamRecord record)
    {
        if (MustWaitForTurn(record))
        {
            using var turn = new NotedWait(record.Item, WaitNote.Order);
            using var time = new MeasuredTime(Statistics?.Order);
            window!.WaitForTurn(record.Item!, stopping);
        }

        while (!TryWrite(record, out Task? room))
        {
            using var wait = new NotedWait(record.Item, WaitNote.Pipeline);
            using var time = new MeasuredTime(Statistics?.Pipeline);
            room.WaitAsync(stopping).GetAwaiter().GetResult();
        }

        while (MustHold(record, out Task? more))
        {
            using var time = new MeasuredTime(Statistics?.Pipeline);
            more.WaitAsync(stopping).GetAwaiter().GetResult();
        }
    }

    /// <summary>Adds a record without blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask WriteAsync(StreamRecord record)
        => MustWaitForTurn(record) ? WaitAndWriteAsync(record, room: null)
            : TryWrite(record, out Task? room) ? HoldAsync(record)
            : WaitAndWriteAsync(record, room);

    /// <summary>Wakes the pipeline thread if there is a record, even if the batch is not full.</summary>
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

    /// <summary>
    /// Wakes the pipeline thread even without a record: its condition may have become true, or the call is being stopped.
    /// </summary>
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

    /// <summary>Sleeps until there is a record or something else to do. Pipeline thread only.</summary>
    /// <param name="done">Whether there is something else to do; checked again at every <see cref="WakeUp"/>.</param>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void WaitForRecord(Func<bool> done)
    {
        lock (_lock)
        {
            _woken = false;
            Volatile.Write(ref _readerSleeps, true);

            // Code that makes `done` true looks at the flag afterwards; this code looks at `done` after it has set the flag.
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
                        // A batch that does not fill in time shows that the items are no longer short.
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
        using var time = new MeasuredTime(room is null ? Statistics?.Order : Statistics?.Pipeline);
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
        => window is not null
            && record is { Item: { } item, Kind: not (StreamKind.Progress or StreamKind.PipelineCall) }
            && !window.MayWrite(item);

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
