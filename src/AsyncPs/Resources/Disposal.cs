namespace AsyncPs.Resources;

/// <summary>Disposes objects.</summary>
internal static class Disposal
{
    /// <summary>Whether an object can be disposed.</summary>
    public static bool CanDispose(object? resource) => resource is IAsyncDisposable or IDisposable;

    /// <summary>Disposes an object, asynchronously if it can; does nothing if it cannot be disposed.</summary>
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
