namespace AsyncPs.Queues;

/// <summary>The order in which items of a queue are read.</summary>
public enum AsyncQueueKind
{
    /// <summary>First in, first out (asyncio's <c>Queue</c>).</summary>
    Fifo,

    /// <summary>Last in, first out (asyncio's <c>LifoQueue</c>).</summary>
    Lifo,

    /// <summary>The lowest priority number first, and first in, first out among equals (asyncio's <c>PriorityQueue</c>).</summary>
    Priority,
}
