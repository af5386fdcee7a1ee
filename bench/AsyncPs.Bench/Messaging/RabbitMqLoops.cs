using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace AsyncPs.Bench.Messaging;

/// <summary>The possible in C# with the client alone.</summary>
internal static class RabbitMqLoops
{
    /// <summary>The body of each message.</summary>
    public static readonly string Body = new('x', 100);

    // As many as AsyncPs.Messaging allows.
    private const int Unconfirmed = 1000;

    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    /// <summary>Publishes, and waits until the broker has confirmed everything; in microseconds per message.</summary>
    public static double Publish(int count) => PublishAsync(count).GetAwaiter().GetResult();

    /// <summary>Reads and acknowledges each message; in microseconds per message.</summary>
    public static double Consume(int count, int prefetch) => ConsumeAsync(count, prefetch).GetAwaiter().GetResult();

    private static async Task<double> PublishAsync(int count)
    {
        await using IChannel channel = await BrokerServer.Shared.Connection.CreateChannelAsync(Confirmed);
        using var room = new SemaphoreSlim(Unconfirmed);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            await room.WaitAsync();
            _ = ConfirmAsync(channel.BasicPublishAsync(
                "",
                BrokerServer.Queue,
                mandatory: true,
                new BasicProperties { Persistent = true, ContentType = "text/plain", MessageId = Guid.NewGuid().ToString("N") },
                Encoding.UTF8.GetBytes(Body)));
        }

        for (int i = 0; i < Unconfirmed; i++)
        {
            await room.WaitAsync();
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;

        async Task ConfirmAsync(ValueTask confirm)
        {
            await confirm;
            room.Release();
        }
    }

    private static async Task<double> ConsumeAsync(int count, int prefetch)
    {
        await using IChannel channel = await BrokerServer.Shared.Connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, (ushort)prefetch, global: false);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string?[] bodies = new string?[count];
        int received = 0;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            bodies[received] = Encoding.UTF8.GetString(message.Body.Span);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
            if (++received == count)
            {
                done.SetResult();
            }
        };
        long start = Stopwatch.GetTimestamp();
        await channel.BasicConsumeAsync(BrokerServer.Queue, autoAck: false, consumer);
        await done.Task;
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }
}
