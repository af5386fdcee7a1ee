namespace AsyncPs.Concurrency.Awaiting;

/// <summary>
/// Waits for a task that an item has written, or for the end of its call, whichever is first. Thousands may be in flight: this is
/// one small object for each, where an asynchronous method that waits for both needs half a dozen.
/// </summary>
internal sealed class PendingTask
{
    private readonly AwaitedOutput _output;
    private readonly Task _task;
    private CancellationTokenRegistration _registration;
    private int _over;

    private PendingTask(AwaitedOutput output, Task task)
    {
        _output = output;
        _task = task;
    }

    /// <summary>Waits; exactly one of <see cref="AwaitedOutput.Resume"/> and <see cref="AwaitedOutput.Cancel"/> is called in the end.</summary>
    /// <param name="output">Who wants to know.</param>
    /// <param name="task">The task.</param>
    /// <param name="cancelling">The end of the call.</param>
    public static void Wait(AwaitedOutput output, Task task, CancellationToken cancelling)
    {
        var pending = new PendingTask(output, task);
        pending._registration = cancelling.UnsafeRegister(static pending => ((PendingTask)pending!).Cancelled(), pending);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(pending.Completed);
    }

    private void Completed()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            _registration.Unregister();
            _output.Resume(_task);
        }
        else
        {
            // Nobody looks at its failure any more.
            _ = _task.Exception;
        }
    }

    private void Cancelled()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            _output.Cancel();
        }
    }
}
