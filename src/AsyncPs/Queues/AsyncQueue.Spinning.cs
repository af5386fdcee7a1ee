namespace AsyncPs.Queues;

/// <content>
/// Spinning before sleeping. While the other side works, the next item or room comes sooner than a thread could fall asleep and be
/// woken. For threads that would block; asynchronous callers need not spin.
/// </content>
public sealed partial class AsyncQueue
{
    // As in Concurrency.WorkQueue: about as long as a wake-up takes, with pauses in which a few items can come or go.
    private const int SpinRounds = 10;
    private const int SpinsPerRound = 100;

    /// <summary>Spins until there is an item, or the queue has ended.</summary>
    /// <returns>Whether a read is worth a try.</returns>
    internal bool SpinForItem() => Spin(static queue => queue._items.Count > 0 || Volatile.Read(ref queue._completed));

    /// <summary>Spins until there is room, or the queue has ended.</summary>
    /// <returns>Whether a write is worth a try.</returns>
    internal bool SpinForRoom() => Spin(static queue => queue._items.Count < queue._limit || Volatile.Read(ref queue._completed));

    private bool Spin(Func<AsyncQueue, bool> isWorthATry)
    {
        for (int round = 0; round < SpinRounds; round++)
        {
            Thread.SpinWait(SpinsPerRound);
            if (isWorthATry(this))
            {
                return true;
            }

            Thread.Yield();
        }

        return false;
    }
}
