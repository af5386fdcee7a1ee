using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>Thrown when a remote worker ends while it has items.</summary>
/// <param name="channel">The channel to it.</param>
/// <param name="cause">The error of the engine, or null.</param>
internal sealed class RemoteLossException(ProcessChannel channel, Exception? cause) : Exception($"{channel.Name} has ended.", cause)
{
    /// <summary>The channel to it.</summary>
    public ProcessChannel Channel => channel;
}
