namespace AsyncPs.Resources;

/// <summary>Disposes whatever can be disposed.</summary>
internal static class Disposal
{
    /// <summary>Whether there is anything to dispose.</summary>
    public static bool CanDispose(object? resource) => resource is IAsyncDisposable or IDisposable;

    /// <summary>Disposes an object, asynchronously where it can; nothing happens to one that cannot be disposed.</summary>
    public static ValueTask DisposeAsync(object? resource)
    {
        switch (resource)
        {
            case IAsyncDisposable asynchronous:
                return asynchronous.DisposeAsync();
            case IDisposable synchronous:
                synchronous.Dispose();
                return default;
            default:
                return default;
        }
    }
}
