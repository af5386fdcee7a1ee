namespace AsyncPs.Queues;

/// <summary>An item with the queue's data about it.</summary>
/// <param name="Value">The item.</param>
/// <param name="Priority">The lowest number is read first.</param>
/// <param name="Sequence">Its position among all items that were ever written: its place when it is returned.</param>
/// <param name="Deliveries">How many times it was handed to a reader.</param>
internal readonly record struct QueueEntry(object? Value, double Priority, long Sequence, int Deliveries);

/// <summary>The outcome of a read.</summary>
internal enum ReadOutcome
{
    /// <summary>An item.</summary>
    Item,

    /// <summary>No item at the moment.</summary>
    Empty,

    /// <summary>No item, and none will come.</summary>
    Ended,
}

/// <summary>The outcome of a write.</summary>
internal enum WriteOutcome
{
    /// <summary>The queue has taken the item, or dropped one as its mode says.</summary>
    Written,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>The queue takes no more items.</summary>
    Completed,
}

/// <summary>The result of a read that could wait.</summary>
internal readonly record struct ReadResult(ReadOutcome Outcome, QueueEntry Entry);
