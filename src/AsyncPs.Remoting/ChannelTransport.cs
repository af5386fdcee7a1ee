using System.Management.Automation.Internal;
using System.Management.Automation.Remoting;
using System.Management.Automation.Remoting.Client;
using AsyncPs.Remote.Transport;

namespace AsyncPs.Remoting;

/// <summary>Carries the messages of one remote session over a channel, one per line, and tells the engine when the channel ends.</summary>
/// <param name="channel">The channel.</param>
/// <param name="instanceId">The session.</param>
/// <param name="cryptoHelper">The engine's encryption of secure strings.</param>
internal sealed class ChannelTransport(IRemoteChannel channel, Guid instanceId, PSRemotingCryptoHelper cryptoHelper)
    : ClientSessionTransportManagerBase(instanceId, cryptoHelper), IRemoteReceiver
{
    /// <inheritdoc/>
    public override void CreateAsync()
    {
        channel.Open(this);
        SetMessageWriter(channel.Writer);
        channel.Listen();
        SendOneItem();
    }

    /// <inheritdoc/>
    void IRemoteReceiver.Receive(string line) => HandleOutputDataReceived(line);

    /// <inheritdoc/>
    void IRemoteReceiver.Ended(string reason, Exception? cause) => RaiseErrorHandler(
        new TransportErrorOccuredEventArgs(new PSRemotingTransportException(reason, cause), TransportMethodEnum.CloseShellOperationEx));

    /// <inheritdoc/>
    protected override void CleanupConnection() => channel.Close();
}
