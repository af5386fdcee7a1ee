using AsyncPs.Queues;

namespace AsyncPs.Tests.Support;

public static class QueueExtensions
{
    /// <summary>Takes all that there is, in the order of the queue.</summary>
    public static List<object?> ReadAll(this AsyncQueue queue)
    {
        List<object?> items = [];
        while (queue.TryRead(out object? item))
        {
            items.Add(item);
        }

        return items;
    }
}
