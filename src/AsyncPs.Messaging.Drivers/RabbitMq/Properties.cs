using System.Collections;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Converts the properties of messages between the module and AMQP.</summary>
internal static class Properties
{
    /// <summary>The header for the number of deliveries before the message was sent again.</summary>
    public const string Deliveries = "x-asyncps-deliveries";

    private const string DeliveredBefore = "x-delivery-count";

    // Headers that the broker adds in the delay queue.
    private static readonly string[] OfBroker = ["x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason",
        "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason", DeliveredBefore];

    /// <summary>The properties of a message to send.</summary>
    public static BasicProperties ToAmqp(MessageProperties properties, bool isPersistent)
    {
        var amqp = new BasicProperties { Persistent = isPersistent };
        if (properties.Headers is { Count: > 0 } headers)
        {
            amqp.Headers = headers.ToDictionary(static header => header.Key, static header => ToTable(header.Value));
        }

        if (properties.ContentType is { } contentType)
        {
            amqp.ContentType = contentType;
        }

        if (properties.Priority < 0)
        {
            amqp.Priority = (byte)Math.Min(byte.MaxValue, -properties.Priority);
        }

        if (properties.Expiration is { } expiration)
        {
            amqp.Expiration = ((long)expiration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        if (properties.CorrelationId is { } correlation)
        {
            amqp.CorrelationId = correlation;
        }

        if (properties.ReplyTo is { } replyTo)
        {
            amqp.ReplyTo = replyTo;
        }

        if (properties.MessageId is { } id)
        {
            amqp.MessageId = id;
        }

        if (properties.Timestamp is { } time)
        {
            amqp.Timestamp = new AmqpTimestamp(time.ToUnixTimeSeconds());
        }

        return amqp;
    }

    /// <summary>The properties of a delivered message.</summary>
    public static MessageProperties FromAmqp(IReadOnlyBasicProperties amqp) => new()
    {
        Headers = amqp.Headers?.Where(static header => header.Key is not Deliveries)
            .ToDictionary(static header => header.Key, static header => FromTable(header.Value)),
        ContentType = amqp.ContentType,
        Priority = amqp.IsPriorityPresent() ? 0.0 - amqp.Priority : 0,
        Expiration = amqp.Expiration is { } text && long.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out long expiration) ? TimeSpan.FromMilliseconds(expiration) : null,
        CorrelationId = amqp.CorrelationId,
        ReplyTo = amqp.ReplyTo,
        MessageId = amqp.MessageId,
        Timestamp = amqp.IsTimestampPresent() ? DateTimeOffset.FromUnixTimeSeconds(amqp.Timestamp.UnixTime) : null,
    };

    /// <summary>How many times a message was delivered, this time included; a lower bound.</summary>
    public static int CountOf(IReadOnlyBasicProperties amqp, bool isRedelivered)
    {
        long before = NumberOf(amqp, Deliveries);
        long returned = amqp.Headers?.ContainsKey(DeliveredBefore) == true ? NumberOf(amqp, DeliveredBefore) : isRedelivered ? 1 : 0;
        return (int)Math.Min(int.MaxValue, before + returned + 1);
    }

    /// <summary>The properties of a message that is sent again: without the broker's headers, and with additional ones.</summary>
    public static MessageProperties Again(MessageProperties properties, params (string Name, object? Value)[] notes)
    {
        var headers = properties.Headers?.Where(static header => !OfBroker.Contains(header.Key)).ToDictionary() ?? [];
        foreach ((string name, object? value) in notes)
        {
            headers[name] = value;
        }

        return properties with { Headers = headers, Expiration = null };
    }

    private static long NumberOf(IReadOnlyBasicProperties amqp, string header)
        => amqp.Headers?.TryGetValue(header, out object? value) == true && value is IConvertible and not string
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;

    private static object? ToTable(object? value) => value switch
    {
        null or string or bool or byte or sbyte or short or ushort or int or uint or long or float or double or decimal or byte[] => value,
        ulong number when number <= long.MaxValue => (long)number,
        DateTime time => new AmqpTimestamp(new DateTimeOffset(time).ToUnixTimeSeconds()),
        DateTimeOffset time => new AmqpTimestamp(time.ToUnixTimeSeconds()),
        IDictionary table => table.Cast<DictionaryEntry>()
            .ToDictionary(static entry => entry.Key.ToString()!, static entry => ToTable(PSObjectExtensions.Unwrap(entry.Value))),
        IEnumerable list => list.Cast<object?>().Select(static element => ToTable(PSObjectExtensions.Unwrap(element))).ToList(),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static object? FromTable(object? value) => value switch
    {
        byte[] bytes => TextOf(bytes),
        AmqpTimestamp time => DateTimeOffset.FromUnixTimeSeconds(time.UnixTime),
        IDictionary<string, object?> table => table.ToDictionary(static entry => entry.Key, static entry => FromTable(entry.Value)),
        IList list => list.Cast<object?>().Select(FromTable).ToArray(),
        _ => value,
    };

    // Text and bytes have the same type there.
    private static object TextOf(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return bytes;
        }
    }
}
