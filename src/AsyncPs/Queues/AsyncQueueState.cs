namespace AsyncPs.Queues;

/// <summary>The state of a queue.</summary>
public enum AsyncQueueState
{
    /// <summary>Items can be written.</summary>
    Open,

    /// <summary>It takes no more items, but has items to read.</summary>
    Completed,

    /// <summary>It takes no more items, and all items have been read.</summary>
    Ended,

    /// <summary>Completed with an error, which readers get after the last item.</summary>
    Failed,
}
