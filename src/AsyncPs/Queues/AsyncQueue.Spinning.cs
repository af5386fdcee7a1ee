namespace AsyncPs.Queues;

/// <content>
/// Looking before sleeping: while the other side is at work, the next item or room comes sooner than a thread could fall asleep
/// and be woken. For threads that would block; what awaits need not look.
/// </content>
public sealed partial class AsyncQueue
{
    // As Concurrency.WorkQueue looks: about as long as a wake-up takes, with pauses in which a few items can come or go.
    private const int Looks = 10;
    private const int PauseBetweenLooks = 100;

    /// <summary>Looks for an item, or the end.</summary>
    /// <returns>Whether a read is worth a try.</returns>
    internal bool SpinForItem() => Spin(static queue => queue._items.Count > 0 || Volatile.Read(ref queue._completed));

    /// <summary>Looks for room, or the end.</summary>
    /// <returns>Whether a write is worth a try.</returns>
    internal bool SpinForRoom() => Spin(static queue => queue._items.Count < queue._limit || Volatile.Read(ref queue._completed));

    private bool Spin(Func<AsyncQueue, bool> isWorthATry)
    {
        for (int looks = 0; looks < Looks; looks++)
        {
            Thread.SpinWait(PauseBetweenLooks);
            if (isWorthATry(this))
            {
                return true;
            }

            Thread.Yield();
        }

        return false;
    }
}
