namespace AsyncPs.Queues;

/// <summary>Where a queue is in its life.</summary>
public enum AsyncQueueState
{
    /// <summary>Items can be written.</summary>
    Open,

    /// <summary>Nothing more can be written, but there are items to read.</summary>
    Completed,

    /// <summary>Nothing more can be written, and all items have been read.</summary>
    Ended,

    /// <summary>Completed with an error, which readers get after the last item.</summary>
    Failed,
}
