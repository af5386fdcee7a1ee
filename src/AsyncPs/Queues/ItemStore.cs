namespace AsyncPs.Queues;

/// <summary>The items that wait to be read, in the order of the queue's kind. The queue's lock guards it.</summary>
internal abstract class ItemStore
{
    /// <summary>Creates the store of a kind.</summary>
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

    /// <summary>Takes the next item. There must be one.</summary>
    public abstract QueueEntry Take();

    /// <summary>Adds an item that was taken before, at its old place.</summary>
    public abstract void PutBack(in QueueEntry entry);

    /// <summary>Drops the oldest item. There must be one.</summary>
    public abstract void DropOldest();

    /// <summary>Drops the newest item. There must be one.</summary>
    public abstract void DropNewest();

    /// <summary>Drops all items.</summary>
    public abstract void Clear();
}
