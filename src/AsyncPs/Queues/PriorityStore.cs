namespace AsyncPs.Queues;

/// <summary>The lowest priority number first, and first in, first out among equals.</summary>
internal sealed class PriorityStore : ItemStore
{
    private readonly PriorityQueue<QueueEntry, (double Priority, long Sequence)> _items = new();

    /// <inheritdoc/>
    public override int Count => _items.Count;

    /// <inheritdoc/>
    public override void Add(in QueueEntry entry) => _items.Enqueue(entry, (entry.Priority, entry.Sequence));

    /// <inheritdoc/>
    public override QueueEntry Take() => _items.Dequeue();

    /// <inheritdoc/>
    public override void PutBack(in QueueEntry entry) => Add(entry);

    /// <inheritdoc/>
    public override void DropOldest() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void DropNewest() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Clear() => _items.Clear();
}
