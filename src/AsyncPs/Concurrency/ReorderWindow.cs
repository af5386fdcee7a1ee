using System.Collections.Concurrent;

namespace AsyncPs.Concurrency;

/// <summary>
/// Keeps the records of a call in input order. The first unfinished item, the head, writes through; records of later items are held
/// back on the pipeline thread. While too many are held, every item but the head waits, so memory does not grow with the speed of the
/// others. The head never waits, so there is no deadlock.
/// </summary>
/// <param name="capacity">How many records are held back before later items wait.</param>
internal sealed class ReorderWindow(int capacity)
{
    private readonly ConcurrentQueue<WorkItem> _order = new();
    private readonly object _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _headIndex;
    private int _held;

    /// <summary>Whether a record of this item may be added now. Any thread.</summary>
    public bool MayWrite(WorkItem item)
        => Volatile.Read(ref _held) < capacity || item.Index == Volatile.Read(ref _headIndex);

    /// <summary>Blocks the calling thread until <see cref="MayWrite"/> is true.</summary>
    public void WaitForTurn(WorkItem item, CancellationToken stopping)
        => WaitForTurnAsync(item, stopping).AsTask().GetAwaiter().GetResult();

    /// <summary>Waits until <see cref="MayWrite"/> is true.</summary>
    public async ValueTask WaitForTurnAsync(WorkItem item, CancellationToken stopping)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (MayWrite(item))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Registers an item, in input order. One thread at a time.</summary>
    public void Add(WorkItem item) => _order.Enqueue(item);

    /// <summary>
    /// Takes a record and writes what is due: the record itself if its item is the head, otherwise nothing; at the end of the head, all
    /// held-back records of the following items. Pipeline thread only.
    /// </summary>
    public void Accept(in StreamRecord record, Action<StreamRecord> write)
    {
        WorkItem item = record.Item!;
        if (record.Kind is StreamKind.Progress or StreamKind.PipelineCall)
        {
            write(record);
            return;
        }

        if (item != Head)
        {
            item.Finished |= record.Kind == StreamKind.Completed;
            (item.Held ??= []).Add(record);
            Volatile.Write(ref _held, _held + 1);
            return;
        }

        write(record);
        if (record.Kind != StreamKind.Completed)
        {
            return;
        }

        do
        {
            _order.TryDequeue(out _);
            Release(Head, write);
        }
        while (Head is { Finished: true });

        Advance();
    }

    private WorkItem? Head => _order.TryPeek(out WorkItem? head) ? head : null;

    private void Release(WorkItem? head, Action<StreamRecord> write)
    {
        Volatile.Write(ref _headIndex, head?.Index ?? _headIndex + 1);
        if (head?.Held is not { } held)
        {
            return;
        }

        head.Held = null;
        Volatile.Write(ref _held, _held - held.Count);
        foreach (StreamRecord record in held)
        {
            write(record);
        }
    }

    private void Advance()
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
