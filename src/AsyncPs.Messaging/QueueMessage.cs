using System.Collections;
using AsyncPs.Messaging.Drivers;

namespace AsyncPs.Messaging;

/// <summary>
/// A message with its properties. Written to a queue, it goes out with them; read from one that was connected with <c>-AsMessage</c>, it
/// has them.
/// </summary>
public sealed class QueueMessage
{
    /// <summary>What is sent: text, bytes, or an object, which is sent as JSON.</summary>
    public object? Body { get; set; }

    /// <summary>Names and values that go with the body. Default: none.</summary>
    public IDictionary? Headers { get; set; }

    /// <summary>
    /// What the body is. Default: as it is sent, <c>application/json</c>, <c>text/plain</c> or <c>application/octet-stream</c>.
    /// </summary>
    public string? ContentType { get; set; }

    /// <summary>
    /// The lower, the sooner: from 0, which is last, down to -255. It counts in queues that were made with <c>-MaxPriority</c>. Default:
    /// 0.
    /// </summary>
    public double Priority { get; set; }

    /// <summary>How long it may wait in the queue before the broker drops it. Default: for ever.</summary>
    public TimeSpan? Expiration { get; set; }

    /// <summary>What tells which request an answer belongs to. Default: none.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>The queue that an answer goes to. Default: none.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>What tells it from others; the same when it comes again. Default: a new one.</summary>
    public string? MessageId { get; set; }

    /// <summary>The topic that it is published under, where the queue has an exchange. Default: that of the writer.</summary>
    public string? Topic { get; set; }

    /// <summary>When it was sent; null when the sender has not said so.</summary>
    public DateTimeOffset? Timestamp { get; set; }

    /// <summary>
    /// How many times it was delivered, this time included. A classic queue of RabbitMQ tells of returned messages only that they have
    /// been: 2 then
    /// stands for 2 or more. Of a message that is written: 0.
    /// </summary>
    public int DeliveryCount { get; internal init; }

    /// <summary>The exchange that it came through; empty when it was written to the queue itself.</summary>
    public string Exchange { get; internal init; } = "";

    internal Func<QueueMessage, object?, Task>? Answer { get; init; }

    /// <summary>Answers it: sends a body to <see cref="ReplyTo"/>, with its correlation id.</summary>
    /// <param name="body">The body, as of any message.</param>
    /// <returns>A task that is done once the broker has the answer. Written by a block, it is awaited.</returns>
    /// <exception cref="InvalidOperationException">Nobody waits for an answer: the message has no <see cref="ReplyTo"/>.</exception>
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
