using System.Management.Automation.Runspaces;

namespace AsyncPs.Remote.Transport;

/// <summary>
/// Connects PowerShell's remoting to channels. Apart from this assembly: what it derives from is newer than PowerShell Standard.
/// </summary>
internal interface IRemoteConnections
{
    /// <summary>What a remote runspace is opened with that uses a channel.</summary>
    RunspaceConnectionInfo Over(IRemoteChannel channel);
}
