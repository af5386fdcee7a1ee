using AsyncPs.Blocks;

namespace AsyncPs.Caching;

/// <summary>A running computation and its waiters.</summary>
/// <param name="key">The key of the value.</param>
/// <param name="isRefresh">Whether it continues without waiters.</param>
internal sealed class CacheFlight(object key, bool isRefresh) : IDisposable
{
    private readonly TaskCompletionSource<BlockOutput> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>The key of the value.</summary>
    public object Key { get; } = key;

    /// <summary>The number of its waiters. Under the cache's lock.</summary>
    public int Readers { get; set; }

    /// <summary>Whether it continues without waiters.</summary>
    public bool IsRefresh { get; } = isRefresh;

    /// <summary>Whether it has ended. Under the cache's lock.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The result.</summary>
    public Task<BlockOutput> Output => _end.Task;

    /// <summary>Canceled when the result is no longer wanted.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>Ends the computation with its result.</summary>
    public void Succeed(BlockOutput output)
    {
        _end.TrySetResult(output);
    }

    /// <summary>Ends the computation with an error.</summary>
    public void Fail(Exception error)
    {
        _end.TrySetException(error);

        // Observed here, because all waiters may be gone.
        _ = _end.Task.Exception;
    }

    /// <summary>Cancels the computation. Under the cache's lock, and not after its end.</summary>
    public void Cancel() => _ = _cancel.CancelAsync();

    /// <summary>Marks the computation as ended. Under the cache's lock.</summary>
    public void Dispose()
    {
        HasEnded = true;
        _cancel.Dispose();
    }
}
