using AsyncPs.Remote.Transport;

namespace AsyncPs.Remote;

/// <summary>A remote worker has ended while it had items.</summary>
/// <param name="channel">The way that led to it.</param>
/// <param name="cause">What the engine says, or null.</param>
internal sealed class RemoteLossException(ProcessChannel channel, Exception? cause) : Exception($"{channel.Name} has ended.", cause)
{
    /// <summary>The way that led to it.</summary>
    public ProcessChannel Channel => channel;
}
