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
        ChannelAllocationException => new DriverFailure(Unavailable, $"The connection to {Server(settings)} has no channel left. Make "
            + $"fewer queues of one connection, or raise channel_max at the broker.", null, IsTransient: true),
        RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException => new DriverFailure(
            "MessageBrokerLost", $"The connection to {Server(settings)} was lost. {exception.Message}", null, IsTransient: true),
        _ => null,
    };

    private static DriverFailure? ExplainConnecting(Exception exception, RabbitMqSettings settings) => exception switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException => new DriverFailure(
            "MessageLoginFailed",
            $"{Server(settings)} does not let {User(settings)} in. Give the right user name and password, with -Credential or in the "
                + $"address; the user guest may connect from the broker's own machine only.",
            403,
            IsTransient: false),
        AuthenticationException when !exception.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase)
            => Away(settings, $"It speaks no TLS there: {exception.Message.TrimEnd('.')}",
            "Give the port for amqps, 5671 is usual, or amqp to do without TLS."),
        AuthenticationException => new DriverFailure(
            "MessageCertificateNotTrusted",
            $"The certificate of {Server(settings)} is not trusted. {exception.Message.TrimEnd('.')}. Give the name that the certificate "
                + $"is for, or have this machine trust who has issued it; -SkipCertificateCheck is for tests.",
            null,
            IsTransient: false),
        OperationInterruptedException { ShutdownReason: { } reason } => ExplainEnd(reason, settings),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => Away(settings, "No broker listens there", "Start it, or "
            + "correct the address and port: 5672 is usual for amqp, 5671 for amqps."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
            => Away(settings, "There is no such host", "Correct the name, or look at the DNS."),
        ConnectFailureException or AggregateException { InnerException: not null } when exception.InnerException is { } inner
            && inner != exception => ExplainConnecting(inner, settings),
        SocketException => Away(settings, exception.Message.TrimEnd('.'), "Look at the network and the firewall between here and there."),
        TimeoutException or OperationCanceledException => Away(settings, "It has not answered in time", "See that it is a broker, that "
            + "amqps is used where it wants TLS, and that no firewall is between."),
        ProtocolVersionMismatchException or PacketNotRecognizedException or MalformedFrameException => Away(settings, "It does not speak "
            + "AMQP 0-9-1", "Give the port of AMQP, not that of the management page."),
        IOException { InnerException: { } inner } => ExplainConnecting(inner, settings),
        _ => Away(settings, exception.Message.TrimEnd('.'), "See whether it is a broker, and whether it wants amqp or amqps."),
    };

    private static DriverFailure ExplainEnd(ShutdownEventArgs reason, RabbitMqSettings settings)
    {
        string said = Said(reason);
        return reason.ReplyCode switch
        {
            403 => new DriverFailure(
                AccessDenied,
                $"{User(settings)} may not do this on {Server(settings)}. {said} Give the user the right to it: rabbitmqctl "
                    + $"set_permissions -p <virtual host> <user> <configure> <write> <read>; or take a queue that is there with -Existing.",
                403,
                IsTransient: false),
            404 => new DriverFailure("MessageQueueNotFound", $"{said} Make it first, or leave out -Existing to have it "
                + $"made.", 404, IsTransient: false),
            405 => new DriverFailure("MessageQueueLocked", $"{said} Another connection has the queue for itself. Take another "
                + $"name.", 405, IsTransient: false),
            406 when reason.ReplyText.Contains("inequivalent", StringComparison.Ordinal) => new DriverFailure(
                "MessageQueueDiffers",
                $"{said} It exists and was made with other properties. Give the same -Durable, -Quorum, -MaxPriority or -ExchangeKind, "
                    + $"take it as it is with -Existing, or delete it and have it made again.",
                406,
                IsTransient: false),
            406 when reason.ReplyText.Contains("timed out", StringComparison.Ordinal) => new DriverFailure(
                "MessageBrokerLost",
                $"{said} An item has taken longer than the broker waits for an acknowledgement; its message comes again. Raise "
                    + $"consumer_timeout at the broker, or make the items shorter.",
                406,
                IsTransient: true),
            530 when said.Contains("vhost", StringComparison.OrdinalIgnoreCase) => new DriverFailure(
                "MessageVirtualHostNotFound",
                $"The virtual host '{settings.VirtualHost}' is not there for {User(settings)} on {Server(settings)}. {said} Correct what "
                    + $"stands after the host in the address (%2F stands for a slash in it), make it with rabbitmqctl add_vhost, or give "
                    + $"the user the right to it.",
                530,
                IsTransient: false),
            530 => new DriverFailure(AccessDenied, $"{Server(settings)} does not allow this. {said}", 530, IsTransient: false),
            540 => new DriverFailure("MessageQueueArgumentInvalid", $"{Server(settings)} cannot do this. {said} It may need a newer "
                + $"version, as -Quorum does.", 540, IsTransient: false),
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
        return $"The broker says: "
            + $"{(dash >= 0 && text[..dash].All(static c => c is '_' or (>= 'A' and <= 'Z')) ? text[(dash + 3)..] : text).TrimEnd('.')}.";
    }

    private static string Server(RabbitMqSettings settings) => string.Join(", "
        + "", settings.Addresses.Select(static address => $"{address.Host}:{address.Port}"));

    private static string User(RabbitMqSettings settings) => $"the user '{settings.UserName ?? "guest"}'";
}
