namespace AsyncPs.Queues;

/// <summary>
/// The envelope of an item that its reader settles: with <see cref="Ack"/> when it is done, or with <see cref="Nack(bool)"/> to put it
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

    /// <summary>How many times it was delivered, including this time: more than 1 if it was returned.</summary>
    public int DeliveryCount => _entry.Deliveries;

    /// <summary>The priority that it was written with.</summary>
    public double Priority => _entry.Priority;

    /// <summary>Whether it was acknowledged or returned.</summary>
    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>Marks the item as done (asyncio's <c>task_done()</c>).</summary>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Ack()
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        Settle();
        _queue.Finish(_entry);
    }

    /// <summary>
    /// Marks the item as failed. A broker's queue retries it later or sends it to the dead letters, depending on its settings; a queue in
    /// memory counts it as done.
    /// </summary>
    /// <param name="reason">The reason in words, which a dead letter carries. Default: none.</param>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Fail(string? reason = null)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        Settle();
        _queue.Fail(_entry, reason);
    }

    /// <summary>Puts the item back: at its old place, so that it is read next, or at the end.</summary>
    /// <param name="atEnd">Whether it goes to the end, like a new item. Default: false.</param>
    /// <exception cref="InvalidOperationException">It was acknowledged or returned before.</exception>
    public void Nack(bool atEnd = false)
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
        Settle();
        _queue.Return(_entry, atEnd);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Value}";

    /// <summary>Puts the item back, unless it is settled.</summary>
    internal void ReturnIfUnsettled()
    {
        using Uninterrupted.Region region = Uninterrupted.Begin();
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
