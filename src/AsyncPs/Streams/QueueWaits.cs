using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Queues;

namespace AsyncPs.Streams;

/// <summary>Waits at queues that could be for oneself.</summary>
internal static class QueueWaits
{
    /// <summary>Notes that the code of this thread waits for room; to be disposed when it does no longer.</summary>
    /// <param name="queue">The queue, which is full.</param>
    /// <param name="error">Makes the error.</param>
    /// <returns>Null when others may make room.</returns>
    /// <exception cref="DeadlockException">All readers wait for the code that asks.</exception>
    public static WaitGraph.Wait? ForRoom(IAsyncQueue queue, Func<DeadlockException> error)
    {
        IReadOnlyList<(object Reader, int Places)> readers = queue.KnownReaders;

        // A call that reads ahead, because its items are short, makes room although its items wait.
        return readers.Count == 0 || readers.Any(static reader => reader.Reader is ConcurrentCall { Queue: { ItemsAreShort: true, IsFull: false } })
            ? null
            : WaitGraph.ForPlace(Strand.Current, readers, error);
    }

    /// <summary>
    /// Whether the code of this thread reads a queue, and a session waits for it: who waits for room there may wait for itself. In the background
    /// nobody knows who else will read.
    /// </summary>
    public static bool MayBeForItself(IAsyncQueue queue)
    {
        Strand strand = Strand.Current;
        return queue.KnownReaders.Any(reader => WaitGraph.CountAround(strand, reader.Reader) > 0) && WaitGraph.IsAwaitedBySession(strand);
    }
}
