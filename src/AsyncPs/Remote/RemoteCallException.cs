namespace AsyncPs.Remote;

/// <summary>
/// Thrown when something fails that all items of a call depend on: no worker is available, or its preparation has failed.
/// </summary>
/// <param name="cause">The error for the caller.</param>
internal sealed class RemoteCallException(Exception cause) : Exception(cause.Message, cause);
