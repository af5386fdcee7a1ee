namespace AsyncPs.Messaging.Drivers;

/// <summary>The properties of a message, as brokers have them.</summary>
internal sealed record MessageProperties
{
    /// <summary>Names and values.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>What the body is.</summary>
    public string? ContentType { get; init; }

    /// <summary>The lower, the sooner; 0 is last.</summary>
    public double Priority { get; init; }

    /// <summary>How long it may wait.</summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>What an answer belongs to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Where an answer goes.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>What tells it from others.</summary>
    public string? MessageId { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>A message that was delivered.</summary>
/// <param name="Session">The session that it belongs to.</param>
/// <param name="Tag">How the session calls it.</param>
/// <param name="Count">How many times it was delivered, as far as that is known.</param>
/// <param name="Exchange">The exchange that it came through.</param>
/// <param name="Topic">What it was published under.</param>
/// <param name="Body">The body.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record Delivery(
    IMessageSession Session, ulong Tag, int Count, string Exchange, string Topic, byte[] Body, MessageProperties Properties);

/// <summary>What became of a message that was sent.</summary>
internal enum SendResult
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>There is no queue for it.</summary>
    Unroutable,

    /// <summary>The broker does not take it.</summary>
    Rejected,
}

/// <summary>A message that is to be sent, until the broker has confirmed it.</summary>
internal abstract class OutgoingMessage
{
    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its properties.</summary>
    public required MessageProperties Properties { get; init; }

    /// <summary>What it is published under on the exchange, or the queue that it goes to.</summary>
    public required string Topic { get; init; }

    /// <summary>The exchange; empty for the queue that <see cref="Topic"/> names.</summary>
    public required string Exchange { get; init; }

    /// <summary>The broker has said what became of it. Any thread.</summary>
    public abstract void Ended(SendResult result);
}
