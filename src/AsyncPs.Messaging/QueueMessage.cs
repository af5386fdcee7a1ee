using System.Collections;
using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging;

/// <summary>
/// A message with its properties. A queue sends it with them when it is written, and returns it with them when it is read from a queue
/// that was connected with <c>-AsMessage</c>.
/// </summary>
public sealed class QueueMessage
{
    /// <summary>The body: text, bytes, or an object, which is sent as JSON.</summary>
    public object? Body { get; set; }

    /// <summary>Headers, names and values. Default: none.</summary>
    public IDictionary? Headers { get; set; }

    /// <summary>
    /// The media type of the body. Default: <c>application/json</c>, <c>text/plain</c> or <c>application/octet-stream</c>, as it is sent.
    /// </summary>
    public string? ContentType { get; set; }

    /// <summary>
    /// The lowest number is delivered first: from 0, the lowest priority, down to -255. It has an effect in queues that were created with
    /// <c>-MaxPriority</c>. Default: 0.
    /// </summary>
    public double Priority { get; set; }

    /// <summary>How long it may wait in the queue before the broker drops it. Default: no limit.</summary>
    public TimeSpan? Expiration { get; set; }

    /// <summary>The id that connects an answer to its request. Default: none.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>The queue for an answer. Default: none.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>The id of the message, which is the same when it is delivered again. Default: a new one.</summary>
    public string? MessageId { get; set; }

    /// <summary>The topic, if the queue has an exchange. Default: the writer's.</summary>
    public string? Topic { get; set; }

    /// <summary>When it was sent; null if the sender did not state it.</summary>
    public DateTimeOffset? Timestamp { get; set; }

    /// <summary>
    /// How many times it was delivered, this time included. A classic queue of RabbitMQ reports only that a message was returned: 2 then
    /// means 2 or more. 0 for a message to be written.
    /// </summary>
    public int DeliveryCount { get; internal init; }

    /// <summary>The exchange that it came through; empty if it was written to the queue itself.</summary>
    public string Exchange { get; internal init; } = "";

    internal Func<QueueMessage, object?, Task>? Answer { get; init; }

    /// <summary>Answers it: sends a body to <see cref="ReplyTo"/>, with its correlation id.</summary>
    /// <param name="body">The body, as of any message.</param>
    /// <returns>A task that completes when the broker has the answer. A block that writes it awaits it.</returns>
    /// <exception cref="InvalidOperationException">The message is not a request: it has no <see cref="ReplyTo"/>.</exception>
    public Task Reply(object? body) => Answer is null || ReplyTo is null ? throw MessagingErrors.NobodyAsks() : Answer(this, body);

    /// <inheritdoc/>
    public override string ToString() => $"{Body}";

    internal MessageProperties ToProperties() => new()
    {
        Headers = Headers is { Count: > 0 }
            ? Headers.Cast<DictionaryEntry>().ToDictionary(static h => h.Key.ToString()!, static h => PSObjectExtensions.Unwrap(h.Value))
            : null,
        ContentType = ContentType,
        Priority = Priority,
        Expiration = Expiration,
        CorrelationId = CorrelationId,
        ReplyTo = ReplyTo,
        MessageId = MessageId,
        Timestamp = Timestamp,
    };
}
