using System.Management.Automation.Runspaces;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remoting;

/// <summary>Makes PowerShell's remoting use a channel.</summary>
internal sealed class Connections : IRemoteConnections
{
    /// <inheritdoc/>
    public RunspaceConnectionInfo Over(IRemoteChannel channel) => new ChannelConnection(channel);
}
