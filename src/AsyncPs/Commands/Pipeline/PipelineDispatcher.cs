using System.Threading.Channels;

namespace AsyncPs.Commands.Pipeline;

/// <summary>
/// Runs functions on the pipeline thread for asynchronous code: the thread waits for that code, and serves its requests meanwhile.
/// </summary>
internal sealed class PipelineDispatcher
{
    private readonly Channel<Action> _asked = Channel.CreateBounded<Action>(new BoundedChannelOptions(1) { SingleReader = true });
    private Task<bool>? _arrival;

    /// <summary>Runs a function on the pipeline thread.</summary>
    /// <param name="work">The function.</param>
    /// <param name="cancellationToken">Ends the wait; the function may still run.</param>
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

    /// <summary>Serves a request, if there is one. On the pipeline thread.</summary>
    public bool TryServe()
    {
        if (!_asked.Reader.TryRead(out Action? work))
        {
            return false;
        }

        work();
        return true;
    }

    /// <summary>Waits until there is a request or a task has ended.</summary>
    public Task WhenAskedOrEnded(Task task)
    {
        // One waiter serves all tasks that make no request: the channel would keep each until there is one.
        if (_arrival is null or { IsCompleted: true })
        {
            _arrival = _asked.Reader.WaitToReadAsync().AsTask();
        }

        return Task.WhenAny(task, _arrival);
    }
}
