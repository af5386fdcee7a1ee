namespace AsyncPs.Queues;

/// <summary>First in, first out.</summary>
internal sealed class FifoStore : ItemStore
{
    private readonly Ring _items = new();

    // Returned items are all older than those that were never taken.
    private readonly PriorityQueue<QueueEntry, long> _returned = new();

    /// <inheritdoc/>
    public override int Count => _items.Count + _returned.Count;

    /// <inheritdoc/>
    public override void Add(in QueueEntry entry) => _items.Add(entry);

    /// <inheritdoc/>
    public override QueueEntry Take() => _returned.Count > 0 ? _returned.Dequeue() : _items.TakeFirst();

    /// <inheritdoc/>
    public override void PutBack(in QueueEntry entry) => _returned.Enqueue(entry, entry.Sequence);

    /// <inheritdoc/>
    public override void DropOldest() => Take();

    /// <inheritdoc/>
    public override void DropNewest()
    {
        if (_items.Count > 0)
        {
            _items.TakeLast();
        }
        else
        {
            _returned.DropLast();
        }
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        _items.Clear();
        _returned.Clear();
    }
}
