namespace AsyncPs.Queues;

/// <summary>What .NET's priority queues lack.</summary>
internal static class PriorityQueues
{
    /// <summary>Drops the item that would be taken last. There must be one.</summary>
    public static void DropLast(this PriorityQueue<QueueEntry, long> queue)
    {
        (QueueEntry, long)[] kept = [.. queue.UnorderedItems.OrderBy(static item => item.Priority).SkipLast(1)];
        queue.Clear();
        queue.EnqueueRange(kept);
    }
}
