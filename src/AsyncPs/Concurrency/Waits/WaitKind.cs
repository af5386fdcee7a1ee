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

    /// <summary>The end of all items of a queue.</summary>
    QueueEnd,

    /// <summary>The end of jobs.</summary>
    Job,

    /// <summary>The end of a task.</summary>
    Task,

    /// <summary>The next element of a stream.</summary>
    Stream,

    /// <summary>A value of a cache that another caller computes.</summary>
    CacheValue,

    /// <summary>An object of a pool.</summary>
    PoolObject,

    /// <summary>A connection to a database.</summary>
    Connection,

    /// <summary>A request: a connection, the answer, or the rest of the answer.</summary>
    Request,

    /// <summary>The answer of a database.</summary>
    Query,

    /// <summary>The handlers of an event.</summary>
    Event,

    /// <summary>A period of time.</summary>
    Sleep,

    /// <summary>A worker that opens or becomes free.</summary>
    Worker,

    /// <summary>The items of a call.</summary>
    Items,

    /// <summary>The pipeline, which has to take the output.</summary>
    Pipeline,

    /// <summary>Items before this one, because results leave in order.</summary>
    Order,

    /// <summary>Something else that a command waits for.</summary>
    Command,
}
