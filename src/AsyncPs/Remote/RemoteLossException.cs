using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>Thrown when a remote worker ends while it has items.</summary>
/// <param name="link">The link to it.</param>
/// <param name="cause">The error of the engine, or null.</param>
internal sealed class RemoteLossException(IRemoteLink link, Exception? cause) : Exception($"{link.Name} has ended.", cause)
{
    /// <summary>The link to it.</summary>
    public IRemoteLink Link => link;
}
