namespace AsyncPs.Queues;

/// <summary>
/// The envelope of an item that its reader settles itself: <see cref="Ack"/> when it is done, <see cref="Nack(bool)"/> to put it
/// back. Until then the item is unfinished.
/// </summary>
public sealed class QueueItem
{
    private readonly IAsyncQueue _queue;
    private readonly QueueEntry _entry;
    private int _settled;

    internal QueueItem(IAsyncQueue queue, in QueueEntry entry)
    {
        _queue = queue;
        _entry = entry;
    }

    /// <summary>The item.</summary>
    public object? Value => _entry.Value;

    /// <summary>How many times it was handed out, this time included: more than 1 when it has come back.</summary>
    public int DeliveryCount => _entry.Deliveries;

    /// <summary>What it was written with.</summary>
    public double Priority => _entry.Priority;

    /// <summary>Whether it was acknowledged or returned.</summary>
    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>The item is done (asyncio's <c>task_done()</c>).</summary>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Ack()
    {
        Settle();
        _queue.Finish(_entry);
    }

    /// <summary>
    /// The item has failed: one of a broker is tried again later or goes to the dead letters, as its queue was told; one of a queue in
    /// memory is done.
    /// </summary>
    /// <param name="reason">Why, in words, which a dead letter carries. Default: none.</param>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Fail(string? reason = null)
    {
        Settle();
        _queue.Fail(_entry, reason);
    }

    /// <summary>Puts the item back at the place it had, so that it is the next to be read, or at the end.</summary>
    /// <param name="atEnd">Whether it goes to the end, as if it had just been written. Default: false.</param>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Nack(bool atEnd = false)
    {
        Settle();
        _queue.Return(_entry, atEnd);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Value}";

    /// <summary>Puts the item back, unless it is settled.</summary>
    internal void ReturnIfUnsettled()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _queue.Return(_entry, atEnd: false);
        }
    }

    private void Settle()
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            throw QueueErrors.ItemIsSettled(_queue);
        }
    }
}
