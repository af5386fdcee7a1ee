namespace AsyncPs.Remote;

/// <summary>Something has failed that all items of a call stand on: no worker can be had, or what they begin with has failed.</summary>
/// <param name="cause">What to tell the caller.</param>
internal sealed class RemoteCallException(Exception cause) : Exception(cause.Message, cause);
