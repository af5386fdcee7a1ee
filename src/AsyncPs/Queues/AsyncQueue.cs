using System.Threading.Channels;

namespace AsyncPs.Queues;

/// <summary>
/// A queue between producers and consumers (asyncio's <c>Queue</c>, <c>LifoQueue</c> and <c>PriorityQueue</c>), safe for any number
/// of threads, runspaces and jobs. An item that was read is unfinished until its reader is done with it. So <see cref="WaitAsync"/>
/// can wait for all work, and an item whose reader failed can come back.
/// </summary>
public sealed partial class AsyncQueue
{
    private static int _lastId;

    private readonly ItemStore _items;
    private readonly int _limit;
    private readonly bool _hasName;

    /// <summary>Creates a queue.</summary>
    /// <param name="kind">The order in which items are read.</param>
    /// <param name="capacity">The largest number of items that wait to be read, from 1; null for no limit. Default: null.</param>
    /// <param name="fullMode">What a write to a full queue does. Default: it waits.</param>
    /// <param name="name">The name of the queue. Default: <c>Queue</c> and a number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
    /// <exception cref="NotSupportedException">A priority queue cannot drop by age.</exception>
    public AsyncQueue(
        AsyncQueueKind kind = AsyncQueueKind.Fifo,
        int? capacity = null,
        QueueFullMode fullMode = QueueFullMode.Wait,
        string? name = null)
    {
        if (capacity is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(capacity));
        }

        if (kind == AsyncQueueKind.Priority && fullMode is QueueFullMode.DropOldest or QueueFullMode.DropNewest)
        {
            throw QueueErrors.DropsByAge(fullMode);
        }

        Kind = kind;
        Capacity = capacity;
        FullMode = fullMode;
        Name = name ?? $"Queue{Interlocked.Increment(ref _lastId)}";
        _limit = capacity ?? int.MaxValue;
        _items = ItemStore.Create(kind);
        _hasName = name is not null;
        QueueMetrics.Queues.Add(this);
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    /// <summary>Whether it was given one.</summary>
    internal bool HasName => _hasName;

    /// <summary>The order in which items are read.</summary>
    public AsyncQueueKind Kind { get; }

    /// <summary>The largest number of items that wait to be read; null for no limit.</summary>
    public int? Capacity { get; }

    /// <summary>What a write does when the queue is full.</summary>
    public QueueFullMode FullMode { get; }

    /// <summary>Adds an item without waiting.</summary>
    /// <param name="item">The item.</param>
    /// <param name="priority">In a priority queue, the lowest number is read first. Default: 0.</param>
    /// <returns>False when the queue is full and its mode is to wait.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed.</exception>
    public bool TryWrite(object? item, double priority = 0) => WriteNow(item, priority) switch
    {
        WriteOutcome.Completed => throw QueueErrors.QueueIsCompleted(this),
        WriteOutcome outcome => outcome == WriteOutcome.Written,
    };

    /// <summary>Adds an item; waits while the queue is full, if its mode is to wait (<c>await queue.put(item)</c>).</summary>
    /// <param name="item">The item.</param>
    /// <param name="priority">In a priority queue, the lowest number is read first. Default: 0.</param>
    /// <param name="cancellationToken">Ends the wait; the item is then not written.</param>
    /// <returns>A task that completes when the queue has the item.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed.</exception>
    public Task WriteAsync(object? item, double priority = 0, CancellationToken cancellationToken = default)
        => !cancellationToken.IsCancellationRequested && WriteNow(item, priority) == WriteOutcome.Written
            ? Task.CompletedTask
            : WriteSlowlyAsync(item, priority, cancellationToken);

    /// <summary>
    /// Takes the next item and marks it as done; waits if there is none (<c>await queue.get()</c> and <c>queue.task_done()</c>).
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; no item is then taken.</param>
    /// <returns>A task with the item.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed and empty. The inner exception is the one of
    /// <see cref="Complete"/>, if any.</exception>
    public async Task<object?> ReadAsync(CancellationToken cancellationToken = default)
    {
        HasOtherReaders();
        ReadResult read = await ReadOrWaitAsync(cancellationToken).ConfigureAwait(false);
        if (read.Outcome == ReadOutcome.Ended)
        {
            throw QueueErrors.QueueHasEnded(this);
        }

        Finish();
        return read.Entry.Value;
    }

    /// <summary>Takes the next item, which its reader acknowledges or returns; waits if there is none (<c>await queue.get()</c>).</summary>
    /// <param name="cancellationToken">Ends the wait; no item is then taken.</param>
    /// <returns>A task with the envelope of the item.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed and empty. The inner exception is the one of
    /// <see cref="Complete"/>, if any.</exception>
    public Task<QueueItem> ReadItemAsync(CancellationToken cancellationToken = default)
    {
        HasOtherReaders();
        return !cancellationToken.IsCancellationRequested && ReadNow(finishPrevious: false, out QueueEntry entry) == ReadOutcome.Item
            ? Task.FromResult(new QueueItem(this, entry))
            : ReadItemSlowlyAsync(cancellationToken);
    }

    /// <summary>
    /// Takes the next item, if there is one, and marks it as done (<c>queue.get_nowait()</c> and <c>queue.task_done()</c>).
    /// </summary>
    /// <param name="item">The item, or null.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRead(out object? item)
    {
        HasOtherReaders();
        return TryTake(out item);
    }

    /// <summary>Takes the next item, if there is one, to discard it.</summary>
    internal bool TryTake(out object? item)
    {
        ReadOutcome outcome = ReadNow(finishPrevious: false, out QueueEntry entry);
        item = entry.Value;
        if (outcome == ReadOutcome.Item)
        {
            Finish();
        }

        return outcome == ReadOutcome.Item;
    }

    /// <summary>Waits until every written item is done (<c>await queue.join()</c>).</summary>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <returns>A task that completes when no item is unfinished.</returns>
    public Task WaitAsync(CancellationToken cancellationToken = default) => AllDone().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private async Task WriteSlowlyAsync(object? item, double priority, CancellationToken cancellationToken)
    {
        if (await WriteOrWaitAsync(item, priority, cancellationToken).ConfigureAwait(false) == WriteOutcome.Completed)
        {
            throw QueueErrors.QueueIsCompleted(this);
        }
    }

    private async Task<QueueItem> ReadItemSlowlyAsync(CancellationToken cancellationToken)
    {
        ReadResult read = await ReadOrWaitAsync(cancellationToken).ConfigureAwait(false);
        return read.Outcome == ReadOutcome.Ended ? throw QueueErrors.QueueHasEnded(this) : new QueueItem(this, read.Entry);
    }
}
