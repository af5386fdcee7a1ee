namespace AsyncPs.Queues;

/// <summary>
/// What a write to a full queue does. The names are those of <see cref="System.Threading.Channels.BoundedChannelFullMode"/>.
/// </summary>
public enum QueueFullMode
{
    /// <summary>The writer waits for room (back-pressure).</summary>
    Wait,

    /// <summary>The oldest item in the queue is dropped.</summary>
    DropOldest,

    /// <summary>The newest item in the queue is dropped.</summary>
    DropNewest,

    /// <summary>The item being written is dropped.</summary>
    DropWrite,
}
