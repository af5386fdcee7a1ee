using System.Net.Security;
using RabbitMQ.Client;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Connects to RabbitMQ.</summary>
/// <param name="settings">The settings.</param>
internal sealed class RabbitMqDriver(RabbitMqSettings settings) : IMessageDriver
{
    private static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public string Broker { get; } = string.Join(",", settings.Addresses.Select(static address => $"{address.Host}:{address.Port}"))
        + (settings.VirtualHost == "/" ? "" : "/" + settings.VirtualHost);

    /// <inheritdoc/>
    public async ValueTask<IMessageSession> ConnectAsync(CancellationToken cancellationToken)
    {
        IConnection connection = await OpenConnectionAsync("reads", cancellationToken).ConfigureAwait(false);
        try
        {
            string queue = await Topology.DeclareAsync(connection, settings.Queue, cancellationToken).ConfigureAwait(false);
            return new RabbitMqSession(connection, token => OpenConnectionAsync("writes", token), settings.Queue, queue);
        }
        catch (Exception)
        {
            await connection.EndAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public DriverFailure? Explain(Exception exception) => Failures.Explain(exception, settings);

    // The module re-establishes lost connections, because it knows what to do about pending messages.
    private async Task<IConnection> OpenConnectionAsync(string purpose, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            VirtualHost = settings.VirtualHost,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = ConnectionTimeout,
            RequestedHeartbeat = Heartbeat,
            ConsumerDispatchConcurrency = 1,
            ClientProvidedName = $"AsyncPs {purpose} {settings.Queue.Name ?? settings.Queue.Exchange} ({Environment.MachineName}, "
                + $"process {Environment.ProcessId})",
        };
        if (settings.UserName is { } user)
        {
            factory.UserName = user;
            factory.Password = settings.Password ?? "";
        }

        AmqpTcpEndpoint[] endpoints = [
            .. settings.Addresses.Select(address => new AmqpTcpEndpoint(address.Host, address.Port, Tls(address.Host)))];
        return await factory.CreateConnectionAsync(endpoints, cancellationToken).ConfigureAwait(false);
    }

    private SslOption Tls(string host) => new()
    {
        Enabled = settings.UsesTls,
        ServerName = host,
        AcceptablePolicyErrors = settings.SkipsCertificateCheck
            ? SslPolicyErrors.RemoteCertificateChainErrors
                | SslPolicyErrors.RemoteCertificateNameMismatch
                | SslPolicyErrors.RemoteCertificateNotAvailable
            : SslPolicyErrors.None,
    };
}
