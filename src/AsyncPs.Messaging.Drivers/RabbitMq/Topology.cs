using System.Globalization;
using RabbitMQ.Client;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Declares exchanges, queues and bindings.</summary>
internal static class Topology
{
    /// <summary>Creates the missing objects that a queue needs.</summary>
    /// <returns>The queue's name; empty without a queue.</returns>
    public static async ValueTask<string> DeclareAsync(IConnection connection, QueueSettings settings, CancellationToken cancellationToken)
        => await connection.OnChannelAsync(
            async channel =>
            {
                if (settings.Exchange is not null)
                {
                    await DeclareExchangeAsync(channel, settings, cancellationToken).ConfigureAwait(false);
                }

                if (settings.IsForWriting)
                {
                    return "";
                }

                string queue = await DeclareQueueAsync(channel, settings, cancellationToken).ConfigureAwait(false);
                foreach (string topic in TopicsOf(settings))
                {
                    await channel.QueueBindAsync(queue, settings.Exchange!, topic, cancellationToken: cancellationToken)
                        .ConfigureAwait(false);
                }

                return queue;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>The queue for dead letters, created if it is missing.</summary>
    public static ValueTask<string> DeclareDeadAsync(IConnection connection, QueueSettings settings, CancellationToken cancellationToken)
        => connection.OnChannelAsync(
            async channel =>
            {
                string name = settings.Name + AsyncMessageQueue.DeadSuffix;
                await channel.QueueDeclareAsync(name, settings.IsDurable, exclusive: false, autoDelete: false, KindOf(settings),
                    cancellationToken: cancellationToken).ConfigureAwait(false);
                return name;
            },
            cancellationToken);

    /// <summary>The queue in which messages wait before they go to the end of another one, created if it is missing.</summary>
    public static ValueTask<string> DeclareDelayAsync(
        IConnection connection, QueueSettings settings, string queue, TimeSpan delay, CancellationToken cancellationToken)
        => connection.OnChannelAsync(
            async channel =>
            {
                long milliseconds = (long)delay.TotalMilliseconds;
                string name = string.Create(CultureInfo.InvariantCulture, $"{queue}.retry.{milliseconds}");
                var arguments = new Dictionary<string, object?>(KindOf(settings))
                {
                    ["x-message-ttl"] = milliseconds,
                    ["x-dead-letter-exchange"] = "",
                    ["x-dead-letter-routing-key"] = queue,
                };
                if (settings.IsQuorum)
                {
                    // Only with this strategy is the message in one of the two queues at every moment.
                    arguments["x-dead-letter-strategy"] = "at-least-once";
                    arguments["x-overflow"] = "reject-publish";
                }

                await channel.QueueDeclareAsync(name, settings.IsDurable, exclusive: false, autoDelete: false, arguments,
                    cancellationToken: cancellationToken).ConfigureAwait(false);
                return name;
            },
            cancellationToken);

    private static Task DeclareExchangeAsync(IChannel channel, QueueSettings settings, CancellationToken cancellationToken)
        => settings.IsExisting
            ? channel.ExchangeDeclarePassiveAsync(settings.Exchange!, cancellationToken)
            : channel.ExchangeDeclareAsync(settings.Exchange!, KindOf(settings.ExchangeKind), settings.IsDurable, autoDelete: false,
                cancellationToken: cancellationToken);

    private static async Task<string> DeclareQueueAsync(IChannel channel, QueueSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Name is null)
        {
            return (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true,
                cancellationToken: cancellationToken).ConfigureAwait(false)).QueueName;
        }

        if (settings.IsExisting)
        {
            return (await channel.QueueDeclarePassiveAsync(settings.Name, cancellationToken).ConfigureAwait(false)).QueueName;
        }

        Dictionary<string, object?> arguments = KindOf(settings);
        if (settings.MaxPriority > 0)
        {
            arguments["x-max-priority"] = settings.MaxPriority;
        }

        return (await channel.QueueDeclareAsync(settings.Name, settings.IsDurable, exclusive: false, autoDelete: false, arguments,
            cancellationToken: cancellationToken).ConfigureAwait(false)).QueueName;
    }

    // A fanout exchange uses no topics.
    private static IEnumerable<string> TopicsOf(QueueSettings settings)
        => settings is { Topics.Count: 0, Exchange: not null, ExchangeKind: ExchangeKind.Fanout } ? [""] : settings.Topics;

    private static Dictionary<string, object?> KindOf(QueueSettings settings)
        => settings.IsQuorum ? new() { ["x-queue-type"] = "quorum" } : [];

    private static string KindOf(ExchangeKind kind) => kind switch
    {
        ExchangeKind.Fanout => ExchangeType.Fanout,
        ExchangeKind.Direct => ExchangeType.Direct,
        _ => ExchangeType.Topic,
    };
}
