namespace AsyncPs.Remote;

/// <summary>
/// Thrown when something fails that all items of a call depend on: no worker is available, or its preparation has failed.
/// </summary>
/// <param name="cause">The error for the caller.</param>
internal sealed class RemoteCallException(Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>Whether a worker was killed before it could run an item. Starting another one may help.</summary>
    public bool WasKilled { get; init; }

    /// <summary>Whether no worker is available at this target. Another target may have one.</summary>
    public bool IsOfPlace { get; init; }
}
