namespace AsyncPs.Messaging;

/// <summary>The open queues, which are closed when the module is removed.</summary>
internal static class OpenQueues
{
    private static readonly HashSet<AsyncMessageQueue> All = [];

    /// <summary>The names of those that have a queue to read.</summary>
    public static string[] Names
    {
        get
        {
            lock (All)
            {
                return [.. All.Where(static queue => !queue.IsForWriting).Select(static queue => queue.Name)];
            }
        }
    }

    /// <summary>Adds a queue.</summary>
    public static void Add(AsyncMessageQueue queue)
    {
        lock (All)
        {
            All.Add(queue);
        }
    }

    /// <summary>Removes a queue.</summary>
    public static void Remove(AsyncMessageQueue queue)
    {
        lock (All)
        {
            All.Remove(queue);
        }
    }

    /// <summary>Closes all of them.</summary>
    public static void Close()
    {
        AsyncMessageQueue[] all;
        lock (All)
        {
            all = [.. All];
        }

        Array.ForEach(all, static queue => queue.Dispose());
    }
}
