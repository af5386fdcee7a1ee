namespace AsyncPs.Queues;

/// <summary>
/// What the queue cmdlets and <c>-InputStream</c> take: a queue in memory (<see cref="AsyncQueue"/>), or one in a broker, which outlives
/// the
/// process and serves many machines. An item that was read is unfinished until its reader says what has become of it.
/// </summary>
public interface IAsyncQueue
{
    /// <summary>The name of the queue.</summary>
    string Name { get; }

    /// <summary>Where the queue is in its life.</summary>
    AsyncQueueState State { get; }

    /// <summary>What the queue was completed with, or null.</summary>
    Exception? Error { get; }

    /// <summary>How many items are with readers of this process: handed out, and neither done nor returned.</summary>
    long InFlight { get; }

    /// <summary>All readers, as far as a write must wait for them; none when room may come from elsewhere.</summary>
    internal IReadOnlyList<(object Reader, int Places)> KnownReaders { get; }

    /// <summary>
    /// An object whose properties are parameters that a write to this queue has besides the usual ones, or null. Default: null.
    /// </summary>
    internal object? NewWriteParameters() => null;

    /// <summary>Begins to write.</summary>
    /// <param name="parameters">What <see cref="NewWriteParameters"/> has given, bound.</param>
    /// <param name="timeout">How long an item may take, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    internal IQueueWriter OpenWriter(object? parameters, TimeSpan timeout);

    /// <summary>Looks for an item, or the end, for a moment.</summary>
    /// <returns>Whether a read is worth a try.</returns>
    internal bool SpinForItem();

    /// <summary>Takes an item without waiting, of those that are at hand.</summary>
    /// <param name="finishPrevious">Whether the reader is done with the item it has taken before: one step for both.</param>
    /// <param name="entry">The item taken before; then the item.</param>
    internal ReadOutcome ReadNow(bool finishPrevious, ref QueueEntry entry);

    /// <summary>Takes an item that is there, and asks the queue if need be. Does not wait for one to arrive.</summary>
    internal ValueTask<ReadResult> ReadAvailableAsync(CancellationToken cancellationToken);

    /// <summary>Takes an item; waits while there is none and one may still come.</summary>
    internal ValueTask<ReadResult> ReadOrWaitAsync(CancellationToken cancellationToken);

    /// <summary>A reader is done with an item.</summary>
    internal void Finish(in QueueEntry entry);

    /// <summary>A reader has failed at an item, and will not try again.</summary>
    /// <param name="entry">The item.</param>
    /// <param name="reason">Why, in words, or null.</param>
    internal void Fail(in QueueEntry entry, string? reason);

    /// <summary>A reader that was stopped gives back an item that nobody has seen.</summary>
    internal void Requeue(in QueueEntry entry);

    /// <summary>A reader gives an item back: at the place it had, or as if it were new.</summary>
    internal void Return(in QueueEntry entry, bool atEnd);

    /// <summary>Adds a reader that goes on until it is removed.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many items it can have at once.</param>
    internal void AddReader(object reader, int places);

    /// <summary>A reader reads no more.</summary>
    internal void RemoveReader(object reader);

    /// <summary>Somebody reads now and then, and may do so again.</summary>
    internal void HasOtherReaders();

    /// <summary>Ends the queue for this process: nothing more can be written, and readers end once they have read what there is.</summary>
    /// <param name="error">What readers get after the last item, or null for a normal end.</param>
    internal void Complete(Exception? error);

    /// <summary>Ends the queue for this process as soon as every item is done.</summary>
    internal void CompleteWhenDone();

    /// <summary>Waits until every item that was written is done.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>How many items wait to be read.</summary>
    internal ValueTask<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>Drops all items that wait to be read; they count as done.</summary>
    /// <returns>How many.</returns>
    internal ValueTask<long> ClearAsync(CancellationToken cancellationToken);
}
