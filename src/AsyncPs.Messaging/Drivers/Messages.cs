namespace AsyncPs.Messaging.Drivers;

/// <summary>The properties of a message, common to brokers.</summary>
internal sealed record MessageProperties
{
    /// <summary>Names and values.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>The media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>The lowest number is delivered first; 0 is the lowest priority.</summary>
    public double Priority { get; init; }

    /// <summary>How long it may wait in the queue.</summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>The id that connects an answer to its request.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The queue for an answer.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The id of the message.</summary>
    public string? MessageId { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>A delivered message.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Tag">Its number in the session.</param>
/// <param name="Count">How many times it was delivered, as far as known.</param>
/// <param name="Exchange">The exchange that it came through.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Body">The body.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record Delivery(
    IMessageSession Session, ulong Tag, int Count, string Exchange, string Topic, byte[] Body, MessageProperties Properties);

/// <summary>The outcome of a sent message.</summary>
internal enum SendResult
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>There is no queue for it.</summary>
    Unroutable,

    /// <summary>The broker does not accept it.</summary>
    Rejected,
}

/// <summary>A message to send, until the broker has confirmed it.</summary>
internal abstract class OutgoingMessage
{
    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its properties.</summary>
    public required MessageProperties Properties { get; init; }

    /// <summary>Its topic on the exchange, or the name of the queue it goes to.</summary>
    public required string Topic { get; init; }

    /// <summary>The exchange; empty for the queue that <see cref="Topic"/> names.</summary>
    public required string Exchange { get; init; }

    /// <summary>Called when the broker has reported its outcome. Any thread.</summary>
    public abstract void Ended(SendResult result);
}
