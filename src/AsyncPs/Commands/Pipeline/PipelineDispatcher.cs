using System.Threading.Channels;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Lets asynchronous code have things done on the pipeline thread: that thread waits for the code, and meanwhile does what it asks for.
/// </summary>
internal sealed class PipelineDispatcher
{
    private readonly Channel<Action> _asked = Channel.CreateBounded<Action>(new BoundedChannelOptions(1) { SingleReader = true });
    private Task<bool>? _arrival;

    /// <summary>Has something done on the pipeline thread.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends the waiting for it; it may still be done.</param>
    public async Task<T> DoAsync<T>(Func<T> work, CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _asked.Writer.WriteAsync(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, cancellationToken).ConfigureAwait(false);
        return await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does what is asked for until the task has ended. On the pipeline thread.</summary>
    /// <param name="task">The task that asks.</param>
    /// <param name="wait">Blocks the pipeline thread.</param>
    /// <returns>The task's result; what it has failed with is thrown.</returns>
    public T RunUntilEnd<T>(Task<T> task, Action<ValueTask> wait)
    {
        while (!task.IsCompleted)
        {
            if (_asked.Reader.TryRead(out Action? work))
            {
                work();
                continue;
            }

            // One waiter for all tasks in which nothing is asked: the channel keeps each until something is.
            if (_arrival is null or { IsCompleted: true })
            {
                _arrival = _asked.Reader.WaitToReadAsync().AsTask();
            }

            wait(new ValueTask(Task.WhenAny(task, _arrival)));
        }

        return task.GetAwaiter().GetResult();
    }
}
