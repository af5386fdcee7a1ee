namespace AsyncPs.Queues;

/// <content>The queue as one of several kinds. It has no extra parameters and is its own writer.</content>
public sealed partial class AsyncQueue : IAsyncQueue, IQueueWriter
{
    IReadOnlyList<(object Reader, int Places)> IAsyncQueue.KnownReaders => KnownReaders;

    IQueueWriter IAsyncQueue.OpenWriter(object? parameters, TimeSpan timeout) => this;

    bool IAsyncQueue.SpinForItem() => SpinForItem();

    ReadOutcome IAsyncQueue.ReadNow(bool finishPrevious, ref QueueEntry entry) => ReadNow(finishPrevious, out entry);

    ValueTask<ReadResult> IAsyncQueue.ReadAvailableAsync(CancellationToken cancellationToken)
    {
        ReadOutcome outcome = ReadNow(finishPrevious: false, out QueueEntry entry);
        return ValueTask.FromResult(new ReadResult(outcome, entry));
    }

    ValueTask<ReadResult> IAsyncQueue.ReadOrWaitAsync(CancellationToken cancellationToken) => ReadOrWaitAsync(cancellationToken);

    void IAsyncQueue.Finish(in QueueEntry entry) => Finish();

    // The failure is reported elsewhere, and another reader would fail too.
    void IAsyncQueue.Fail(in QueueEntry entry, string? reason) => Finish();

    void IAsyncQueue.Requeue(in QueueEntry entry) => Requeue(entry);

    void IAsyncQueue.Return(in QueueEntry entry, bool atEnd) => Return(entry, atEnd);

    void IAsyncQueue.AddReader(object reader, int places) => AddReader(reader, places);

    void IAsyncQueue.RemoveReader(object reader) => RemoveReader(reader);

    void IAsyncQueue.HasOtherReaders() => HasOtherReaders();

    void IAsyncQueue.Complete(Exception? error) => Complete(error);

    void IAsyncQueue.CompleteWhenDone() => CompleteWhenDone();

    Task IAsyncQueue.WaitAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    ValueTask<long> IAsyncQueue.CountAsync(CancellationToken cancellationToken) => ValueTask.FromResult((long)Count);

    ValueTask<long> IAsyncQueue.ClearAsync(CancellationToken cancellationToken) => ValueTask.FromResult((long)Clear());

    WriteOutcome IQueueWriter.WriteNow(object? value, double priority) => WriteNow(value, priority);

    bool IQueueWriter.SpinForRoom() => SpinForRoom();

    ValueTask<WriteOutcome> IQueueWriter.WriteOrWaitAsync(object? value, double priority, CancellationToken cancellationToken)
        => WriteOrWaitAsync(value, priority, cancellationToken);
}
