using AsyncPs.Concurrency;
using AsyncPs.Queues;

namespace AsyncPs.Waiting;

/// <summary>A wait for all items of a queue to be done. The queue is its own result, and the work cannot be canceled.</summary>
/// <param name="queue">The queue.</param>
internal sealed class QueueWork(IAsyncQueue queue) : WaitedWork(queue)
{
    private Task? _done;

    /// <inheritdoc/>
    public override string Name => $"The queue '{queue.Name}'";

    /// <inheritdoc/>
    public override bool IsCompleted => Done.IsCompletedSuccessfully;

    /// <inheritdoc/>
    public override ConcurrentStatus Status => ConcurrentStatus.Succeeded;

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write) => write(Output(queue));

    /// <inheritdoc/>
    protected override Task WhenEnded() => Done;

    private Task Done => _done ??= queue.WaitAsync(Leaving);
}
