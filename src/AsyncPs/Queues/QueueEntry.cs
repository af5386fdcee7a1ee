namespace AsyncPs.Queues;

/// <summary>An item with what the queue knows about it.</summary>
/// <param name="Value">The item.</param>
/// <param name="Priority">The lower, the sooner.</param>
/// <param name="Sequence">Its position among all that were ever written: its place if it comes back.</param>
/// <param name="Deliveries">How many times it was handed to a reader.</param>
internal readonly record struct QueueEntry(object? Value, double Priority, long Sequence, int Deliveries);

/// <summary>What a read has brought.</summary>
internal enum ReadOutcome
{
    /// <summary>An item.</summary>
    Item,

    /// <summary>There is none at the moment.</summary>
    Empty,

    /// <summary>There is none, and none will come.</summary>
    Ended,
}

/// <summary>What a write has done.</summary>
internal enum WriteOutcome
{
    /// <summary>The queue has taken the item, or dropped one as it was told to.</summary>
    Written,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>The queue takes no more items.</summary>
    Completed,
}

/// <summary>The result of a read that could wait.</summary>
internal readonly record struct ReadResult(ReadOutcome Outcome, QueueEntry Entry);
