using System.Management.Automation.Runspaces;

namespace AsyncPs.Remote.Transport;

/// <summary>
/// Connects PowerShell's remoting to channels. In a separate assembly, because its base classes are newer than PowerShell Standard.
/// </summary>
internal interface IRemoteConnections
{
    /// <summary>The connection info for a remote runspace over a channel.</summary>
    RunspaceConnectionInfo Over(IRemoteChannel channel);
}
