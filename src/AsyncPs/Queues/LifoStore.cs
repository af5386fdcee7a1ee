namespace AsyncPs.Queues;

/// <summary>Last in, first out.</summary>
internal sealed class LifoStore : ItemStore
{
    private readonly Ring _items = new();

    // Newest first: the priority is the negated sequence number.
    private readonly PriorityQueue<QueueEntry, long> _returned = new();

    /// <inheritdoc/>
    public override int Count => _items.Count + _returned.Count;

    /// <inheritdoc/>
    public override void Add(in QueueEntry entry) => _items.Add(entry);

    /// <inheritdoc/>
    public override QueueEntry Take()
    {
        bool returnedIsNewer = _returned.TryPeek(out QueueEntry newest, out _)
            && (_items.Count == 0 || newest.Sequence > _items.Last.Sequence);
        return returnedIsNewer ? _returned.Dequeue() : _items.TakeLast();
    }

    /// <inheritdoc/>
    public override void PutBack(in QueueEntry entry) => _returned.Enqueue(entry, -entry.Sequence);

    /// <inheritdoc/>
    public override void DropOldest()
    {
        bool returnedIsOlder = _returned.Count > 0
            && (_items.Count == 0 || _returned.UnorderedItems.Min(static item => item.Element.Sequence) < _items.First.Sequence);
        if (returnedIsOlder)
        {
            _returned.DropLast();
        }
        else
        {
            _items.TakeFirst();
        }
    }

    /// <inheritdoc/>
    public override void DropNewest() => Take();

    /// <inheritdoc/>
    public override void Clear()
    {
        _items.Clear();
        _returned.Clear();
    }
}
