using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging;

/// <summary>The errors of the module, each with an id. Every message names what is wrong and the remedy.</summary>
internal static class MessagingErrors
{
    /// <summary>A wrong argument.</summary>
    public static ConcurrentArgumentException ArgumentInvalid(
        string message, string id = "MessageQueueArgumentInvalid", object? target = null)
        => new(new ErrorRecord(new PSArgumentException(message), id, ErrorCategory.InvalidArgument, target));

    /// <summary>An address that cannot be parsed. It is not shown, because a part of it may be a password.</summary>
    public static ConcurrentArgumentException AddressInvalid(string why)
        => ArgumentInvalid($"-RabbitMq takes addresses such as amqp://host, amqps://host:5671/vhost or amqp://user:password@host/vhost. "
            + $"{why}", "MessageQueueAddressInvalid");

    /// <summary>An exception of a driver.</summary>
    public static MessagingException Failed(DriverFailure failure, Exception exception)
        => new(failure.Id, failure.IsTransient ? ErrorCategory.ConnectionError : ErrorCategory.InvalidOperation, failure.Message, exception)
        {
            Code = failure.Code,
            IsTransient = failure.IsTransient,
        };

    /// <summary>A lost connection that could not be re-established in time.</summary>
    public static MessagingException NotReconnected(string broker, TimeSpan timeout, Exception reason)
        => new(
            "MessageBrokerLost",
            ErrorCategory.ConnectionError,
            $"The connection to {broker} was lost and could not be re-established within {ViewText.Of(timeout)} (-ReconnectTimeout). "
                + $"{reason.Message} Messages that were not acknowledged are delivered again to other readers of the queue.",
            reason)
        {
            IsTransient = true,
        };

    /// <summary>A queue that was closed while something waited.</summary>
    public static MessagingException Closed(string queue)
        => new("MessageQueueClosed", ErrorCategory.InvalidOperation, $"The connection of the queue '{queue}' was closed. Open it "
            + $"again with Connect-AsyncMessageQueue.");

    /// <summary>A read without a subscription.</summary>
    public static MessagingException NothingToRead(string exchange)
        => new("MessageQueueWriteOnly", ErrorCategory.InvalidOperation, $"'{exchange}' was connected without -Queue and -Topic, so "
            + $"it can only be written to. Connect with -Topic to subscribe; '#' subscribes to everything.");

    /// <summary>A message whose fate is unknown.</summary>
    public static ErrorRecord NotConfirmed(string queue, object? item, string why)
        => new(
            new MessagingException("MessageNotConfirmed", ErrorCategory.OperationTimeout, $"The broker did not confirm the message to "
                + $"'{queue}': {why} It may or may not have been written. "
                + "Write it again if it must arrive at least once.") { IsTransient = true },
            "MessageNotConfirmed",
            ErrorCategory.OperationTimeout,
            item);

    /// <summary>A message without a queue to go to.</summary>
    public static ErrorRecord Unroutable(string queue, object? item)
        => new(
            new MessagingException("MessageUnroutable", ErrorCategory.ObjectNotFound, $"The broker has no queue for the message to "
                + $"'{queue}': it was deleted, or the requester no longer waits for the answer. "
                + $"Connect-AsyncMessageQueue creates the queue again."),
            "MessageUnroutable",
            ErrorCategory.ObjectNotFound,
            item);

    /// <summary>A message that the broker does not accept.</summary>
    public static ErrorRecord Rejected(string queue, object? item)
        => new(
            new MessagingException("MessageRejected", ErrorCategory.ResourceUnavailable, $"The broker did not accept the message to "
                + $"'{queue}': the queue has reached its limit of messages or bytes, or could not store it. Read faster, or raise the "
                + $"limit.") { IsTransient = true },
            "MessageRejected",
            ErrorCategory.ResourceUnavailable,
            item);

    /// <summary>A message for which the broker has closed the channel.</summary>
    public static ErrorRecord Refused(string queue, object? item, string reason)
        => new(
            new MessagingException("MessageRefused", ErrorCategory.InvalidData, $"The broker refused the message to '{queue}'. "
                + $"{reason}"),
            "MessageRefused",
            ErrorCategory.InvalidData,
            item);

    /// <summary>An object that cannot be a body.</summary>
    public static ErrorRecord BodyInvalid(string queue, object? item, Exception exception)
        => new(
            new MessagingException("MessageBodyInvalid", ErrorCategory.InvalidData, $"The item for '{queue}' cannot be written as JSON. "
                + $"{exception.Message} Write text, bytes, or an object without circular references.", exception),
            "MessageBodyInvalid",
            ErrorCategory.InvalidData,
            item);

    /// <summary>A request without an answer.</summary>
    public static ErrorRecord NoAnswer(string queue, object? item, string why)
        => new(
            new MessagingException("MessageNotAnswered", ErrorCategory.OperationTimeout, $"No answer to the request in '{queue}' "
                + $"arrived: {why} The request may or may not have been processed.") { IsTransient = true },
            "MessageNotAnswered",
            ErrorCategory.OperationTimeout,
            item);

    /// <summary>An answer to a message that is not a request.</summary>
    public static InvalidOperationException NobodyAsks()
        => new("This message is not a request: it has no ReplyTo, so it cannot be answered. Requests are written with "
            + "Write-AsyncQueue -Reply and read from a queue that was connected with -AsMessage.");

    /// <summary>Why a message that was delivered too often is dead.</summary>
    public static string TooManyDeliveries(int count, int most) => $"It was delivered {count} times; -MaxDeliveries is {most}.";

    /// <summary>Why a message that cannot be read is dead.</summary>
    public static string BodyUnreadable(Exception exception) => $"Its body cannot be read. {exception.Message}";
}
