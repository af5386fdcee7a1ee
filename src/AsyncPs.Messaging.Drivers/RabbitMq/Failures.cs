using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Interprets exceptions of the client, with remedies.</summary>
internal static class Failures
{
    private const string Unavailable = "MessageBrokerUnavailable";
    private const string AccessDenied = "MessageAccessDenied";

    /// <summary>The meaning of an exception; null if it is not one of the client's.</summary>
    public static DriverFailure? Explain(Exception exception, RabbitMqSettings settings) => exception switch
    {
        BrokerUnreachableException { InnerException: AggregateException { InnerExceptions: [var first, ..] } }
            => ExplainConnecting(first, settings),
        BrokerUnreachableException { InnerException: { } inner } => ExplainConnecting(inner, settings),
        BrokerUnreachableException or ConnectFailureException or PossibleAuthenticationFailureException or AuthenticationException
            or SocketException => ExplainConnecting(exception, settings),
        OperationInterruptedException { ShutdownReason: { } reason } => ExplainEnd(reason, settings),
        QueueGoneException => new DriverFailure("MessageQueueGone", exception.Message, null, IsTransient: true),
        ChannelAllocationException => new DriverFailure(Unavailable, $"The connection to {Server(settings)} has no channel left. Open "
            + "fewer queues on one connection, or raise channel_max at the broker.", null, IsTransient: true),
        RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException => new DriverFailure(
            "MessageBrokerLost", $"The connection to {Server(settings)} was lost. {exception.Message}", null, IsTransient: true),
        _ => null,
    };

    private static DriverFailure? ExplainConnecting(Exception exception, RabbitMqSettings settings) => exception switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException => new DriverFailure(
            "MessageLoginFailed",
            $"{Server(settings)} does not accept {User(settings)}. Pass the right user name and password, with -Credential or in the "
                + "address. The user guest may connect only from the broker's own machine.",
            403,
            IsTransient: false),
        AuthenticationException when !exception.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase)
            => Away(settings, $"It does not speak TLS there: {exception.Message.TrimEnd('.')}",
            "Use the port for amqps, usually 5671, or amqp to connect without TLS."),
        AuthenticationException => new DriverFailure(
            "MessageCertificateNotTrusted",
            $"The certificate of {Server(settings)} is not trusted. {exception.Message.TrimEnd('.')}. Use the name that the certificate "
                + "is for, or make this machine trust its issuer. -SkipCertificateCheck is for tests.",
            null,
            IsTransient: false),
        OperationInterruptedException { ShutdownReason: { } reason } => ExplainEnd(reason, settings),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => Away(settings, "No broker listens there", "Start it, or "
            + "correct the address and port: usually 5672 for amqp, 5671 for amqps."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
            => Away(settings, "There is no such host", "Correct the name, or check the DNS."),
        ConnectFailureException or AggregateException { InnerException: not null } when exception.InnerException is { } inner
            && inner != exception => ExplainConnecting(inner, settings),
        SocketException => Away(settings, exception.Message.TrimEnd('.'), "Check the network and the firewall."),
        TimeoutException or OperationCanceledException => Away(settings, "It did not answer in time", "Check that it is a broker, that "
            + "amqps is used where it requires TLS, and that no firewall blocks it."),
        ProtocolVersionMismatchException or PacketNotRecognizedException or MalformedFrameException => Away(settings, "It does not speak "
            + "AMQP 0-9-1", "Use the port of AMQP, not that of the management page."),
        IOException { InnerException: { } inner } => ExplainConnecting(inner, settings),
        _ => Away(settings, exception.Message.TrimEnd('.'), "Check that it is a broker, and whether it requires amqp or amqps."),
    };

    private static DriverFailure ExplainEnd(ShutdownEventArgs reason, RabbitMqSettings settings)
    {
        string said = Said(reason);
        return reason.ReplyCode switch
        {
            403 => new DriverFailure(
                AccessDenied,
                $"{User(settings)} may not do this on {Server(settings)}. {said} Grant the user the permission: rabbitmqctl "
                    + "set_permissions -p <virtual host> <user> <configure> <write> <read>. Or use an existing queue with -Existing.",
                403,
                IsTransient: false),
            404 => new DriverFailure("MessageQueueNotFound", $"{said} Create it first, or leave out -Existing so that "
                + "it is created.", 404, IsTransient: false),
            405 => new DriverFailure("MessageQueueLocked", $"{said} Another connection uses the queue exclusively. Use "
                + "another name.", 405, IsTransient: false),
            406 when reason.ReplyText.Contains("inequivalent", StringComparison.Ordinal) => new DriverFailure(
                "MessageQueueDiffers",
                $"{said} It exists and was created with other properties. Pass the same -Durable, -Quorum, -MaxPriority or -ExchangeKind, "
                    + "use it as it is with -Existing, or delete it so that it is created again.",
                406,
                IsTransient: false),
            406 when reason.ReplyText.Contains("timed out", StringComparison.Ordinal) => new DriverFailure(
                "MessageBrokerLost",
                $"{said} An item took longer than the broker waits for an acknowledgement. Its message is delivered again. Raise "
                    + "consumer_timeout at the broker, or make the items shorter.",
                406,
                IsTransient: true),
            530 when said.Contains("vhost", StringComparison.OrdinalIgnoreCase) => new DriverFailure(
                "MessageVirtualHostNotFound",
                $"The virtual host '{settings.VirtualHost}' does not exist for {User(settings)} on {Server(settings)}. {said} Correct "
                    + "the part after the host in the address (%2F stands for a slash in it), create it with rabbitmqctl add_vhost, or "
                    + "grant the user access to it.",
                530,
                IsTransient: false),
            530 => new DriverFailure(AccessDenied, $"{Server(settings)} does not allow this. {said}", 530, IsTransient: false),
            540 => new DriverFailure("MessageQueueArgumentInvalid", $"{Server(settings)} cannot do this. {said} It may need a newer "
                + "version, as -Quorum does.", 540, IsTransient: false),
            406 or 311 => new DriverFailure("MessageRefused", said, reason.ReplyCode, IsTransient: false),
            _ when reason.Exception is { } inner && inner is not OperationInterruptedException => new DriverFailure("MessageBrokerLost",
                $"The connection to {Server(settings)} was lost. {inner.Message}", reason.ReplyCode, IsTransient: true),
            _ => new DriverFailure("MessageBrokerLost", $"The connection to {Server(settings)} was lost. "
                + $"{said}", reason.ReplyCode, IsTransient: true),
        };
    }

    private static DriverFailure Away(RabbitMqSettings settings, string what, string remedy)
        => new(Unavailable, $"{Server(settings)} cannot be connected to. {what}. {remedy}", null, IsTransient: true);

    // "PRECONDITION_FAILED - inequivalent arg ..." without the code at its start.
    private static string Said(ShutdownEventArgs reason)
    {
        string text = reason.ReplyText ?? "";
        int dash = text.IndexOf(" - ", StringComparison.Ordinal);
        return "The broker says: "
            + $"{(dash >= 0 && text[..dash].All(static c => c is '_' or (>= 'A' and <= 'Z')) ? text[(dash + 3)..] : text).TrimEnd('.')}.";
    }

    private static string Server(RabbitMqSettings settings) => string.Join(
        ", ", settings.Addresses.Select(static address => $"{address.Host}:{address.Port}"));

    private static string User(RabbitMqSettings settings) => $"the user '{settings.UserName ?? "guest"}'";
}
