using AsyncPs.Blocks;

namespace AsyncPs.Caching;

/// <summary>A computation that is under way, and all who wait for it.</summary>
/// <param name="key">What it computes.</param>
/// <param name="isRefresh">Whether it goes on although nobody waits for it.</param>
internal sealed class CacheFlight(object key, bool isRefresh) : IDisposable
{
    private readonly TaskCompletionSource<BlockOutput> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>What it computes.</summary>
    public object Key { get; } = key;

    /// <summary>How many wait for it. Under the cache's lock.</summary>
    public int Readers { get; set; }

    /// <summary>Whether it goes on although nobody waits for it.</summary>
    public bool IsRefresh { get; } = isRefresh;

    /// <summary>Whether it has ended. Under the cache's lock.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What came of it.</summary>
    public Task<BlockOutput> Output => _end.Task;

    /// <summary>Canceled when nobody wants it any more.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>It has succeeded.</summary>
    public void Succeed(BlockOutput output)
    {
        _end.TrySetResult(output);
    }

    /// <summary>It has failed.</summary>
    public void Fail(Exception error)
    {
        _end.TrySetException(error);

        // All who waited may have gone.
        _ = _end.Task.Exception;
    }

    /// <summary>Nobody wants it any more. Under the cache's lock, and not after its end.</summary>
    public void Cancel() => _ = _cancel.CancelAsync();

    /// <summary>It has ended. Under the cache's lock.</summary>
    public void Dispose()
    {
        HasEnded = true;
        _cancel.Dispose();
    }
}
