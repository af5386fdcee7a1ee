using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>Waits for queues that might be deadlocks.</summary>
internal static class QueueWaits
{
    /// <summary>Registers that this thread waits for room. Dispose the result when the wait is over.</summary>
    /// <param name="queue">The full queue.</param>
    /// <param name="error">Makes the error.</param>
    /// <returns>Null when others may make room.</returns>
    /// <exception cref="DeadlockException">All readers wait for this code.</exception>
    public static WaitGraph.Wait? ForRoom(IAsyncQueue queue, Func<DeadlockException> error)
    {
        IReadOnlyList<(object Reader, int Places)> readers = queue.KnownReaders;

        // A call that reads ahead, because its items are short, makes room even while its items wait.
        return readers.Count == 0
            || readers.Any(static reader => reader.Reader is ConcurrentCall { Queue: { ItemsAreShort: true, IsFull: false } })
            ? null
            : WaitGraph.ForPlace(Strand.Current, readers, error);
    }

    /// <summary>
    /// Whether the code of this thread reads a queue, and a session waits for it: a wait for room in the queue might then be a wait for
    /// itself. In the background, other readers may still come.
    /// </summary>
    public static bool MayBeForItself(IAsyncQueue queue)
    {
        Strand strand = Strand.Current;
        return queue.KnownReaders.Any(reader => WaitGraph.CountAround(strand, reader.Reader) > 0) && WaitGraph.IsAwaitedBySession(strand);
    }
}
