namespace AsyncPs.Queues;

/// <summary>
/// A queue for the queue cmdlets and <c>-InputStream</c>: a queue in memory (<see cref="AsyncQueue"/>), or one in a broker, which
/// outlives the process and serves many machines. An item that was read is unfinished until its reader settles it.
/// </summary>
public interface IAsyncQueue
{
    /// <summary>The name of the queue.</summary>
    string Name { get; }

    /// <summary>The state of the queue.</summary>
    AsyncQueueState State { get; }

    /// <summary>The error that the queue was completed with, or null.</summary>
    Exception? Error { get; }

    /// <summary>How many items readers of this process hold: handed out, and neither done nor returned.</summary>
    long InFlight { get; }

    /// <summary>All readers that a write might wait for; empty if room may come from elsewhere.</summary>
    internal IReadOnlyList<(object Reader, int Places)> KnownReaders { get; }

    /// <summary>
    /// An object whose properties are additional parameters of a write to this queue, or null. Default: null.
    /// </summary>
    internal object? NewWriteParameters() => null;

    /// <summary>Creates a writer.</summary>
    /// <param name="parameters">The object of <see cref="NewWriteParameters"/>, with the bound values.</param>
    /// <param name="timeout">How long an item may wait, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    internal IQueueWriter OpenWriter(object? parameters, TimeSpan timeout);

    /// <summary>Spins until there is an item, or the queue has ended.</summary>
    /// <returns>Whether a read is worth a try.</returns>
    internal bool SpinForItem();

    /// <summary>Takes an item that is at hand, without waiting.</summary>
    /// <param name="finishPrevious">Whether the reader is done with the item it took before: one step for both.</param>
    /// <param name="entry">The item taken before; then the item.</param>
    internal ReadOutcome ReadNow(bool finishPrevious, ref QueueEntry entry);

    /// <summary>Takes an item that is there; asks the broker if need be. Does not wait for one to arrive.</summary>
    internal ValueTask<ReadResult> ReadAvailableAsync(CancellationToken cancellationToken);

    /// <summary>Takes an item; waits while there is none and one may still come.</summary>
    internal ValueTask<ReadResult> ReadOrWaitAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a reader is done with an item.</summary>
    internal void Finish(in QueueEntry entry);

    /// <summary>Notes that a reader has failed at an item and will not try again.</summary>
    /// <param name="entry">The item.</param>
    /// <param name="reason">The reason in words, or null.</param>
    internal void Fail(in QueueEntry entry, string? reason);

    /// <summary>Puts back an item that a stopped reader has not handed on.</summary>
    internal void Requeue(in QueueEntry entry);

    /// <summary>Puts back an item of a reader: at its old place, or as a new item.</summary>
    internal void Return(in QueueEntry entry, bool atEnd);

    /// <summary>Adds a reader that reads until it is removed.</summary>
    /// <param name="reader">The reader, as an identity.</param>
    /// <param name="places">How many items it can have at once.</param>
    internal void AddReader(object reader, int places);

    /// <summary>Removes a reader.</summary>
    internal void RemoveReader(object reader);

    /// <summary>Notes that there is a reader that reads now and then.</summary>
    internal void HasOtherReaders();

    /// <summary>Ends the queue for this process: no more items can be written, and readers end once they have read the rest.</summary>
    /// <param name="error">The error that readers get after the last item, or null for a normal end.</param>
    internal void Complete(Exception? error);

    /// <summary>Ends the queue for this process as soon as every item is done.</summary>
    internal void CompleteWhenDone();

    /// <summary>Waits until every written item is done.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>How many items wait to be read.</summary>
    internal ValueTask<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>Drops all items that wait to be read; they count as done.</summary>
    /// <returns>The number of dropped items.</returns>
    internal ValueTask<long> ClearAsync(CancellationToken cancellationToken);
}
