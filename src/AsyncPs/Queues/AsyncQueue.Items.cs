namespace AsyncPs.Queues;

/// <content>
/// The life of an item: written, handed to a reader, then done or returned. Every step is one change under one lock, and an item is
/// always in exactly one place: with its writer, in the store, with its reader, or done.
/// </content>
public sealed partial class AsyncQueue
{
    // Readers wait only while the store is empty, writers only while it is full.
    private readonly object _lock = new();
    private readonly LinkedList<Waiter<ReadResult>> _readers = [];
    private readonly LinkedList<Waiter<WriteOutcome>> _writers = [];
    private long _sequence;

    /// <summary>Writes without waiting.</summary>
    internal WriteOutcome WriteNow(object? value, double priority)
    {
        Waiter<ReadResult>? reader;
        QueueEntry entry;
        lock (_lock)
        {
            if (_completed)
            {
                return WriteOutcome.Completed;
            }

            reader = Waiter<ReadResult>.Next(_readers);
            if (reader is null && _items.Count >= _limit && !MakeRoom(out WriteOutcome outcome))
            {
                return outcome;
            }

            entry = NewEntry(value, priority);
            if (reader is null)
            {
                _items.Add(entry);
                return WriteOutcome.Written;
            }
        }

        reader.Serve(Delivered(entry));
        return WriteOutcome.Written;
    }

    /// <summary>Writes; waits while the queue is full, if its mode is to wait.</summary>
    internal ValueTask<WriteOutcome> WriteOrWaitAsync(object? value, double priority, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WriteOutcome outcome = WriteNow(value, priority);
        if (outcome != WriteOutcome.Full)
        {
            return ValueTask.FromResult(outcome);
        }

        var waiter = new Waiter<WriteOutcome>(_lock, _writers);
        waiter.CancelBy(cancellationToken);
        lock (_lock)
        {
            if (!_completed && _items.Count >= _limit)
            {
                waiter.Entry = new QueueEntry(value, priority, _sequence++, Deliveries: 0);
                waiter.Enlist();
                return new ValueTask<WriteOutcome>(waiter.Task);
            }

            waiter.Spare();
        }

        // There is room again, or the queue was completed, in the meantime.
        waiter.Serve(WriteOutcome.Full);
        return WriteOrWaitAsync(value, priority, cancellationToken);
    }

    /// <summary>Takes an item without waiting.</summary>
    /// <param name="finishPrevious">Whether the reader is done with the item it took before: one step for both.</param>
    /// <param name="entry">The item.</param>
    internal ReadOutcome ReadNow(bool finishPrevious, out QueueEntry entry)
    {
        Waiter<WriteOutcome>? writer;
        lock (_lock)
        {
            if (finishPrevious)
            {
                Finish();
            }

            if (_items.Count == 0)
            {
                entry = default;
                return _completed ? ReadOutcome.Ended : ReadOutcome.Empty;
            }

            entry = Take();
            writer = AdmitWriter();
        }

        writer?.Serve(WriteOutcome.Written);
        return ReadOutcome.Item;
    }

    /// <summary>Takes an item; waits while there is none and one may still come.</summary>
    internal ValueTask<ReadResult> ReadOrWaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadOutcome outcome = ReadNow(finishPrevious: false, out QueueEntry entry);
        if (outcome != ReadOutcome.Empty)
        {
            return ValueTask.FromResult(new ReadResult(outcome, entry));
        }

        var waiter = new Waiter<ReadResult>(_lock, _readers);
        waiter.CancelBy(cancellationToken);
        lock (_lock)
        {
            if (!_completed && _items.Count == 0)
            {
                waiter.Enlist();
                return new ValueTask<ReadResult>(waiter.Task);
            }

            waiter.Spare();
        }

        // An item came, or the queue ended, in the meantime.
        waiter.Serve(default);
        return ReadOrWaitAsync(cancellationToken);
    }

    /// <summary>Puts back an item that a stopped reader has not handed on. It does not count as delivered.</summary>
    internal void Requeue(in QueueEntry entry) => Return(entry with { Deliveries = entry.Deliveries - 1 }, atEnd: false);

    /// <summary>Puts back an item of a reader: at its old place, or as a new item.</summary>
    internal void Return(in QueueEntry entry, bool atEnd)
    {
        Waiter<ReadResult>? reader;
        lock (_lock)
        {
            reader = Waiter<ReadResult>.Next(_readers);
            if (reader is null && atEnd)
            {
                _items.Add(entry with { Sequence = _sequence++ });
            }
            else if (reader is null)
            {
                _items.PutBack(entry);
            }
        }

        reader?.Serve(Delivered(entry));
    }

    /// <summary>Drops all items that wait to be read; they count as done. Waiting writers get the room.</summary>
    /// <returns>The number of dropped items.</returns>
    public int Clear()
    {
        int count;
        List<Waiter<WriteOutcome>> writers = [];
        lock (_lock)
        {
            count = _items.Count;
            _items.Clear();
            while (AdmitWriter() is { } writer)
            {
                writers.Add(writer);
            }

            Finish(count);
        }

        foreach (Waiter<WriteOutcome> writer in writers)
        {
            writer.Serve(WriteOutcome.Written);
        }

        return count;
    }

    private QueueEntry NewEntry(object? value, double priority)
    {
        _entered++;
        return new QueueEntry(value, priority, _sequence++, Deliveries: 0);
    }

    private QueueEntry Take()
    {
        QueueEntry entry = _items.Take();
        return entry with { Deliveries = entry.Deliveries + 1 };
    }

    private static ReadResult Delivered(in QueueEntry entry)
        => new(ReadOutcome.Item, entry with { Deliveries = entry.Deliveries + 1 });

    private Waiter<WriteOutcome>? AdmitWriter()
    {
        if (_items.Count >= _limit || Waiter<WriteOutcome>.Next(_writers) is not { } writer)
        {
            return null;
        }

        _entered++;
        _items.Add(writer.Entry);
        return writer;
    }

    // False when the item is not to be added: it must wait, or was dropped.
    private bool MakeRoom(out WriteOutcome outcome)
    {
        outcome = FullMode == QueueFullMode.Wait ? WriteOutcome.Full : WriteOutcome.Written;
        switch (FullMode)
        {
            case QueueFullMode.DropOldest:
                _items.DropOldest();
                break;
            case QueueFullMode.DropNewest:
                _items.DropNewest();
                break;
            case QueueFullMode.DropWrite:
                _dropped++;
                return false;
            case QueueFullMode.Wait:
            default:
                return false;
        }

        _dropped++;
        _entered--;
        return true;
    }
}
