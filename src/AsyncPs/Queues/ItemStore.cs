namespace AsyncPs.Queues;

/// <summary>The items of a queue that wait to be read, in the order of its kind. Its queue's lock guards it.</summary>
internal abstract class ItemStore
{
    /// <summary>Makes the store of a kind.</summary>
    public static ItemStore Create(AsyncQueueKind kind) => kind switch
    {
        AsyncQueueKind.Fifo => new FifoStore(),
        AsyncQueueKind.Lifo => new LifoStore(),
        AsyncQueueKind.Priority => new PriorityStore(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Take Fifo, Lifo or Priority."),
    };

    /// <summary>How many items there are.</summary>
    public abstract int Count { get; }

    /// <summary>Adds a new item.</summary>
    public abstract void Add(in QueueEntry entry);

    /// <summary>Takes the next item, of at least one.</summary>
    public abstract QueueEntry Take();

    /// <summary>Adds an item that was taken before, at the place it had.</summary>
    public abstract void PutBack(in QueueEntry entry);

    /// <summary>Drops the item that has been in the queue for longest, of at least one.</summary>
    public abstract void DropOldest();

    /// <summary>Drops the item that has been in the queue for shortest, of at least one.</summary>
    public abstract void DropNewest();

    /// <summary>Drops all.</summary>
    public abstract void Clear();
}
