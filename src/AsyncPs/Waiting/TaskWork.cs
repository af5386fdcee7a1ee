using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Waiting;

/// <summary>A task, or an object that has one. Only its owner can cancel it.</summary>
/// <param name="source">The caller's object.</param>
/// <param name="task">The task.</param>
internal sealed class TaskWork(object source, Task task) : WaitedWork(source)
{
    /// <inheritdoc/>
    public override string Name => $"The task {(ReferenceEquals(Source, task) ? task.Id : Source)}";

    /// <inheritdoc/>
    public override bool IsCompleted => task.IsCompleted;

    /// <inheritdoc/>
    public override ConcurrentStatus Status
        => task.IsCanceled ? ConcurrentStatus.Canceled : task.IsFaulted ? ConcurrentStatus.Failed : ConcurrentStatus.Succeeded;

    /// <inheritdoc/>
    public override object Handle => task;

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write)
    {
        if (task.IsCompletedSuccessfully)
        {
            foreach (object? result in TaskResults.Get(task))
            {
                write(Output(result));
            }
        }
        else
        {
            write(Error(task.Exception switch
            {
                { InnerExceptions: [var one] } => one,
                { } several => several,
                null => new TaskCanceledException(task),
            }));
        }
    }

    /// <inheritdoc/>
    protected override Task WhenEnded() => task.WhenEnded(Leaving);
}
