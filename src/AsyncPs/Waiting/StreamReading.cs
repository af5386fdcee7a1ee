using AsyncPs.Concurrency.Awaiting;

namespace AsyncPs.Waiting;

/// <summary>An asynchronous stream that is being read, with a time-out.</summary>
internal sealed class StreamReading : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly IAsyncEnumerator<object?> _enumerator;
    private Task<bool>? _next;

    /// <summary>Starts to read.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="timeout">How long it may take, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    public StreamReading(object stream, TimeSpan timeout)
    {
        _cancel.CancelAfter(timeout);
        _enumerator = AsyncStreams.Enumerate(stream, _cancel.Token);
    }

    /// <summary>Whether there is another element.</summary>
    public Task<bool> Next => _next ??= _enumerator.MoveNextAsync().AsTask();

    /// <summary>Whether it was canceled, by its time-out or otherwise.</summary>
    public bool IsLate => _cancel.IsCancellationRequested;

    /// <summary>Takes the current element.</summary>
    public object? TakeCurrent()
    {
        _next = null;
        return _enumerator.Current;
    }

    /// <summary>Cancels the reading.</summary>
    public void Cancel() => _cancel.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_next is { IsCompleted: false } next)
        {
            await _cancel.CancelAsync().ConfigureAwait(false);
            await next.WhenEnded().ConfigureAwait(false);
            next.Forget();
        }

        await _enumerator.DisposeAsync().ConfigureAwait(false);
        _cancel.Dispose();
    }
}
