namespace AsyncPs.Concurrency.Waits;

/// <summary>What running code can wait for.</summary>
public enum WaitKind
{
    /// <summary>A permit of a throttle.</summary>
    Permit,

    /// <summary>Room in a queue.</summary>
    QueueRoom,

    /// <summary>An item of a queue.</summary>
    QueueItem,

    /// <summary>That all items of a queue are done.</summary>
    QueueEnd,

    /// <summary>The end of jobs.</summary>
    Job,

    /// <summary>The end of a task.</summary>
    Task,

    /// <summary>The next element of a stream.</summary>
    Stream,

    /// <summary>A value that somebody computes for a cache.</summary>
    CacheValue,

    /// <summary>An object of a pool.</summary>
    PoolObject,

    /// <summary>A connection of a database.</summary>
    Connection,

    /// <summary>A request: a connection, the answer, or the rest of it.</summary>
    Request,

    /// <summary>A database.</summary>
    Query,

    /// <summary>The handlers of an event.</summary>
    Event,

    /// <summary>A time.</summary>
    Sleep,

    /// <summary>A worker that is being opened, or is free.</summary>
    Worker,

    /// <summary>A place under the limit of the call.</summary>
    Limit,

    /// <summary>The items of a call.</summary>
    Items,

    /// <summary>The pipeline, to take what was written.</summary>
    Pipeline,

    /// <summary>Items before this one, because results leave in order.</summary>
    Order,

    /// <summary>Something else that a command waits for.</summary>
    Command,
}
