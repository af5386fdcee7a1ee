using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging;

/// <summary>The errors of the module, made in one place, with an id each. Every message names what is wrong and the remedy.</summary>
internal static class MessagingErrors
{
    /// <summary>An argument that is wrong.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(
        string message, string id = "MessageQueueArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>An address that cannot be read. It is not shown: a part of it may be a password.</summary>
    public static ConcurrentArgumentException AddressInvalid(string why)
        => ArgumentInvalid($"-RabbitMq takes addresses such as amqp://host, amqps://host:5671/vhost or amqp://user:password@host/vhost. "
            + $"{why}", "MessageQueueAddressInvalid");

    /// <summary>What a driver has thrown.</summary>
    public static MessagingException Failed(DriverFailure failure, Exception exception)
        => new(failure.Id, failure.IsTransient ? ErrorCategory.ConnectionError : ErrorCategory.InvalidOperation, failure.Message, exception)
        {
            Code = failure.Code,
            IsTransient = failure.IsTransient,
        };

    /// <summary>A connection that was lost and could not be made again in time.</summary>
    public static MessagingException NotReconnected(string broker, TimeSpan timeout, Exception reason)
        => new(
            "MessageBrokerLost",
            ErrorCategory.ConnectionError,
            $"The connection to {broker} was lost, and could not be made again within {ViewText.Of(timeout)} (-ReconnectTimeout). "
                + $"{reason.Message} What was not acknowledged is delivered again to whoever reads the queue.",
            reason)
        {
            IsTransient = true,
        };

    /// <summary>A queue that was closed while something waited.</summary>
    public static MessagingException Closed(string queue)
        => new("MessageQueueClosed", ErrorCategory.InvalidOperation, $"The connection of the queue '{queue}' was closed. Make another "
            + $"one with Connect-AsyncMessageQueue.");

    /// <summary>A read where nothing is subscribed to.</summary>
    public static MessagingException NothingToRead(string exchange)
        => new("MessageQueueWriteOnly", ErrorCategory.InvalidOperation, $"'{exchange}' was connected without -Queue and -Topic, so that "
            + $"it can only be written to. Connect with -Topic to subscribe, '#' to everything.");

    /// <summary>A message of which nobody knows.</summary>
    public static ErrorRecord NotConfirmed(string queue, object? item, string why)
        => new(
            new MessagingException("MessageNotConfirmed", ErrorCategory.OperationTimeout, $"The broker has not confirmed the message to "
                + $"'{queue}': {why} It may have been written or not. Write it again if it is to be there at least "
                + $"once.") { IsTransient = true },
            "MessageNotConfirmed",
            ErrorCategory.OperationTimeout,
            item);

    /// <summary>A message that there is no queue for.</summary>
    public static ErrorRecord Unroutable(string queue, object? item)
        => new(
            new MessagingException("MessageUnroutable", ErrorCategory.ObjectNotFound, $"The broker has no queue for the message to "
                + $"'{queue}': it was deleted, or nobody waits for an answer any longer. Connect-AsyncMessageQueue makes the queue again."),
            "MessageUnroutable",
            ErrorCategory.ObjectNotFound,
            item);

    /// <summary>A message that the broker does not take.</summary>
    public static ErrorRecord Rejected(string queue, object? item)
        => new(
            new MessagingException("MessageRejected", ErrorCategory.ResourceUnavailable, $"The broker did not take the message to "
                + $"'{queue}': the queue has reached its limit of messages or bytes, or could not store it. Read faster, or raise the "
                + $"limit.") { IsTransient = true },
            "MessageRejected",
            ErrorCategory.ResourceUnavailable,
            item);

    /// <summary>A message because of which the broker has closed the channel.</summary>
    public static ErrorRecord Refused(string queue, object? item, string reason)
        => new(
            new MessagingException("MessageRefused", ErrorCategory.InvalidData, $"The broker has refused the message to '{queue}'. "
                + $"{reason}"),
            "MessageRefused",
            ErrorCategory.InvalidData,
            item);

    /// <summary>An object that cannot be a body.</summary>
    public static ErrorRecord BodyInvalid(string queue, object? item, Exception exception)
        => new(
            new MessagingException("MessageBodyInvalid", ErrorCategory.InvalidData, $"The item for '{queue}' cannot be written as JSON. "
                + $"{exception.Message} Write text, bytes, or an object that holds no other one that holds it.", exception),
            "MessageBodyInvalid",
            ErrorCategory.InvalidData,
            item);

    /// <summary>A request that got no answer.</summary>
    public static ErrorRecord NoAnswer(string queue, object? item, string why)
        => new(
            new MessagingException("MessageNotAnswered", ErrorCategory.OperationTimeout, $"No answer to the request in '{queue}' has "
                + $"come: {why} It may have been done or not.") { IsTransient = true },
            "MessageNotAnswered",
            ErrorCategory.OperationTimeout,
            item);

    /// <summary>An answer to a message that is no request.</summary>
    public static InvalidOperationException NobodyAsks()
        => new("Nobody waits for an answer to this message: it has no ReplyTo. Requests are written with Write-AsyncQueue -Reply and "
            + "read from a queue that was connected with -AsMessage.");

    /// <summary>Why a message that came too often is dead.</summary>
    public static string TooManyDeliveries(int count, int most) => $"It was delivered {count} times; -MaxDeliveries is {most}.";

    /// <summary>Why a message that cannot be read is dead.</summary>
    public static string BodyUnreadable(Exception exception) => $"Its body cannot be read. {exception.Message}";
}
