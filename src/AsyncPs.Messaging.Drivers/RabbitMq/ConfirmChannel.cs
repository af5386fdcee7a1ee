using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>A channel on which the broker confirms sent messages, by number.</summary>
internal sealed class ConfirmChannel : IDisposable
{
    private const string AnswerQueue = "amq.rabbitmq.reply-to";

    private readonly SemaphoreSlim _sending = new(1);
    private readonly Dictionary<ulong, OutgoingMessage> _unconfirmed = [];
    private readonly HashSet<string> _returned = [];
    private readonly IChannel _channel;
    private readonly bool _isPersistent;
    private ulong _next;
    private ulong _oldest = 1;

    private ConfirmChannel(IChannel channel, bool isPersistent)
    {
        _channel = channel;
        _isPersistent = isPersistent;
        channel.BasicAcksAsync += (_, confirm) => EndAsync(confirm.DeliveryTag, confirm.Multiple, isRejected: false);
        channel.BasicNacksAsync += (_, confirm) => EndAsync(confirm.DeliveryTag, confirm.Multiple, isRejected: true);
        channel.BasicReturnAsync += ReturnedAsync;
    }

    /// <summary>The channel.</summary>
    public IChannel Channel => _channel;

    /// <summary>Opens a channel.</summary>
    public static async Task<ConfirmChannel> OpenAsync(IConnection connection, bool isPersistent, CancellationToken cancellationToken)
        => new(
            await connection.CreateChannelAsync(new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken).ConfigureAwait(false),
            isPersistent);

    /// <summary>Sends a message, which is notified when it is confirmed.</summary>
    public async ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        ulong number = 0;
        try
        {
            number = _next == 0 ? await _channel.GetNextPublishSequenceNumberAsync(cancellationToken).ConfigureAwait(false) : _next;
            _next = number + 1;
            lock (_unconfirmed)
            {
                _unconfirmed.Add(number, message);
            }

            // A topic may have no subscriber, but a deleted queue must not swallow messages silently. For the addresses of answers, the
            // broker reports that there is no such queue even if it delivers the answer.
            bool isMandatory = message.Exchange.Length == 0 && !message.Topic.StartsWith(AnswerQueue, StringComparison.Ordinal);
            await _channel.BasicPublishAsync(message.Exchange, message.Topic, isMandatory,
                Properties.ToAmqp(message.Properties, _isPersistent), message.Body, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            lock (_unconfirmed)
            {
                _unconfirmed.Remove(number);
            }

            // Only the channel knows whether the number was used.
            _next = 0;
            throw;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Registers for answers to what is sent on this channel.</summary>
    public async ValueTask<string> ListenForAnswersAsync(IAsyncBasicConsumer consumer, CancellationToken cancellationToken)
    {
        await _channel.BasicConsumeAsync(AnswerQueue, autoAck: true, consumer, cancellationToken).ConfigureAwait(false);
        return AnswerQueue;
    }

    /// <inheritdoc/>
    public void Dispose() => _sending.Dispose();

    // It arrives before the confirmation of the same message.
    private Task ReturnedAsync(object sender, BasicReturnEventArgs returned)
    {
        if (returned.BasicProperties.MessageId is { } id)
        {
            lock (_unconfirmed)
            {
                _returned.Add(id);
            }
        }

        return Task.CompletedTask;
    }

    private Task EndAsync(ulong number, bool multiple, bool isRejected)
    {
        if (!multiple)
        {
            End(number, isRejected);
            return Task.CompletedTask;
        }

        ulong oldest;
        lock (_unconfirmed)
        {
            oldest = _oldest;
            _oldest = number + 1;
        }

        for (ulong each = oldest; each <= number; each++)
        {
            End(each, isRejected);
        }

        return Task.CompletedTask;
    }

    private void End(ulong number, bool isRejected)
    {
        OutgoingMessage? message;
        bool isReturned;
        lock (_unconfirmed)
        {
            if (!_unconfirmed.Remove(number, out message))
            {
                return;
            }

            isReturned = _returned.Count > 0 && message.Properties.MessageId is { } id && _returned.Remove(id);
        }

        message.Ended(isRejected ? SendResult.Rejected : isReturned ? SendResult.Unroutable : SendResult.Confirmed);
    }
}
