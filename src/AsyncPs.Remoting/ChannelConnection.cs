using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Remoting.Client;
using System.Management.Automation.Runspaces;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remoting;

/// <summary>The connection info of a remote runspace over a channel, which is opened once.</summary>
/// <param name="channel">The channel.</param>
internal sealed class ChannelConnection(IRemoteChannel channel) : RunspaceConnectionInfo
{
    /// <inheritdoc/>
    public override string ComputerName
    {
        get => channel.Name;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override PSCredential? Credential
    {
        get => null;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override AuthenticationMechanism AuthenticationMechanism
    {
        get => AuthenticationMechanism.Default;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override string CertificateThumbprint
    {
        get => "";
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override RunspaceConnectionInfo Clone() => this;

    /// <inheritdoc/>
    public override BaseClientSessionTransportManager CreateClientSessionTransportManager(
        Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper)
        => new ChannelTransport(channel, instanceId, cryptoHelper);
}
