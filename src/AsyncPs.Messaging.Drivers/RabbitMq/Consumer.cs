using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>Receives the deliveries of the broker on a channel. The client calls it sequentially.</summary>
/// <param name="channel">The channel.</param>
/// <param name="deliver">Receives a message.</param>
/// <param name="canceled">Called when the broker stops delivering on its own initiative, because the queue was deleted or has
/// moved.</param>
internal sealed class Consumer(
    IChannel channel, Action<ulong, bool, string, string, IReadOnlyBasicProperties, byte[]> deliver, Action canceled) : IAsyncBasicConsumer
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public IChannel Channel => channel;

    /// <summary>Completes when every delivered message was passed on.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        deliver(deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _ended.TrySetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _ended.TrySetResult();
        canceled();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _ended.TrySetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
