namespace AsyncPs.Queues;

/// <summary>Last in, first out.</summary>
internal sealed class LifoStore : ItemStore
{
    private readonly Ring _items = new();

    // Newest first: the sequence, negated.
    private readonly PriorityQueue<QueueEntry, long> _returned = new();

    /// <inheritdoc/>
    public override int Count => _items.Count + _returned.Count;

    /// <inheritdoc/>
    public override void Add(in QueueEntry entry) => _items.Add(entry);

    /// <inheritdoc/>
    public override QueueEntry Take()
    {
        bool returnedIsNewer = _returned.TryPeek(out QueueEntry newest, out _) && (_items.Count == 0 || newest.Sequence > _items.Last.Sequence);
        return returnedIsNewer ? _returned.Dequeue() : _items.TakeLast();
    }

    /// <inheritdoc/>
    public override void PutBack(in QueueEntry entry) => _returned.Enqueue(entry, -entry.Sequence);

    /// <inheritdoc/>
    public override void DropOldest()
    {
        QueueEntry[] returned = [.. _returned.UnorderedItems.Select(static item => item.Element).OrderBy(static e => e.Sequence)];
        if (returned.Length == 0 || (_items.Count > 0 && _items.First.Sequence < returned[0].Sequence))
        {
            _items.TakeFirst();
            return;
        }

        _returned.Clear();
        _returned.EnqueueRange(returned.Skip(1).Select(static e => (e, -e.Sequence)));
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
