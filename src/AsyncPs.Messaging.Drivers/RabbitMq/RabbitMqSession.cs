using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace AsyncPs.Messaging.Drivers.RabbitMq;

/// <summary>
/// Two connections to RabbitMQ, one for reading and one for writing, which is opened on the first write. A broker that is short of memory
/// stops reading from connections that write, and acknowledgements must still reach it. If a connection or a channel is lost, the session
/// is lost.
/// </summary>
internal sealed partial class RabbitMqSession : IMessageSession
{
    private readonly TaskCompletionSource<SessionEnd> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _opening = new(1);

    // The client's writers wait for a loop that may have ended with the connection, so each of its calls gets this token.
    private readonly CancellationTokenSource _ended = new();
    private readonly IConnection _reading;
    private readonly Func<CancellationToken, Task<IConnection>> _openWriting;
    private readonly QueueSettings _settings;
    private readonly Dictionary<TimeSpan, string> _delays = [];
    private IConnection? _writing;
    private IChannel? _work;
    private ConfirmChannel? _confirms;
    private Consumer? _consumer;
    private string? _consumerTag;
    private string? _dead;
    private bool _isClosing;

    public RabbitMqSession(
        IConnection reading, Func<CancellationToken, Task<IConnection>> openWriting, QueueSettings settings, string queue)
    {
        _reading = reading;
        _openWriting = openWriting;
        _settings = settings;
        Queue = queue;
        Watch(reading);
    }

    /// <inheritdoc/>
    public Task<SessionEnd> Lost => _lost.Task;

    /// <inheritdoc/>
    public string? BlockedBy { get; private set; }

    /// <inheritdoc/>
    public string Queue { get; }

    /// <inheritdoc/>
    public async ValueTask<QueueStatistics> LookAsync(CancellationToken cancellationToken)
    {
        QueueDeclareOk found = await UntilEndAsync(
            token => _reading.OnChannelAsync(channel => channel.QueueDeclarePassiveAsync(Queue, token), token),
            cancellationToken).ConfigureAwait(false);
        return new QueueStatistics(found.MessageCount, (int)found.ConsumerCount);
    }

    /// <inheritdoc/>
    public async ValueTask<long> PurgeAsync(CancellationToken cancellationToken)
        => await UntilEndAsync(
            token => _reading.OnChannelAsync(channel => channel.QueuePurgeAsync(Queue, token), token),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask StartAsync(int prefetch, Action<Delivery> deliver)
    {
        IChannel channel = await GetWorkChannelAsync().ConfigureAwait(false);
        await channel.BasicQosAsync(0, (ushort)prefetch, global: false, _ended.Token).ConfigureAwait(false);
        _consumer = new Consumer(
            channel,
            (tag, isRedelivered, exchange, topic, properties, body)
                => deliver(DeliveryOf(tag, isRedelivered, exchange, topic, properties, body)),
            () => End(new QueueGoneException(Queue), refusedMessage: false));
        _consumerTag = await channel.BasicConsumeAsync(Queue, autoAck: false, _consumer, _ended.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync()
    {
        if (_consumerTag is { } tag && _work is { } channel)
        {
            _consumerTag = null;
            await channel.BasicCancelAsync(tag, cancellationToken: _ended.Token).ConfigureAwait(false);
            await _consumer!.Ended.WaitAsync(_ended.Token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Delivery?> GetAsync()
    {
        IChannel channel = await GetWorkChannelAsync().ConfigureAwait(false);
        BasicGetResult? got = await channel.BasicGetAsync(Queue, autoAck: false, _ended.Token).ConfigureAwait(false);
        return got is null ? null
            : DeliveryOf(got.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, got.BasicProperties, got.Body.ToArray());
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(OutgoingMessage message)
        => await (await GetConfirmChannelAsync(_ended.Token).ConfigureAwait(false)).SendAsync(message, _ended.Token).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<string> ListenForAnswersAsync(Action<Delivery> deliver, CancellationToken cancellationToken)
        => await UntilEndAsync(
            async token =>
            {
                ConfirmChannel channel = await GetConfirmChannelAsync(token).ConfigureAwait(false);
                var consumer = new Consumer(
                    channel.Channel,
                    (tag, isRedelivered, exchange, topic, properties, body)
                        => deliver(DeliveryOf(tag, isRedelivered, exchange, topic, properties, body)),
                    static () => { });
                return await channel.ListenForAnswersAsync(consumer, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        await _ended.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_reading.EndAsync().AsTask(), _writing?.EndAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);
            _confirms?.Dispose();
        }
        finally
        {
            _opening.Release();
        }
    }

    // Of what a caller may cancel: the end of the session is an error, not a cancellation.
    private async ValueTask<T> UntilEndAsync<T>(Func<CancellationToken, ValueTask<T>> act, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            return await act(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Lost.IsCompletedSuccessfully ? Lost.Result.Reason : new ObjectDisposedException(nameof(RabbitMqSession));
        }
    }

    private Delivery DeliveryOf(
        ulong tag, bool isRedelivered, string exchange, string topic, IReadOnlyBasicProperties properties, byte[] body)
        => new(this, tag, Properties.CountOf(properties, isRedelivered), exchange, topic, body, Properties.FromAmqp(properties));

    private async ValueTask<IChannel> GetWorkChannelAsync()
    {
        if (_work is { } there)
        {
            return there;
        }

        await _opening.WaitAsync(_ended.Token).ConfigureAwait(false);
        try
        {
            if (_work is null)
            {
                if (_settings.HasDeadLetters)
                {
                    // Declared now, so that an error is noticed: it must exist when it is needed.
                    _dead = await Topology.DeclareDeadAsync(_reading, _settings, _ended.Token).ConfigureAwait(false);
                }

                IChannel channel = await _reading.CreateChannelAsync(cancellationToken: _ended.Token).ConfigureAwait(false);
                channel.ChannelShutdownAsync += (_, reason) => EndAsync(reason, refusedMessage: false);
                _work = channel;
            }

            return _work;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask<ConfirmChannel> GetConfirmChannelAsync(CancellationToken cancellationToken)
    {
        if (_confirms is { } there)
        {
            return there;
        }

        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_confirms is null)
            {
                ObjectDisposedException.ThrowIf(_isClosing, this);
                _writing ??= await OpenWritingAsync(cancellationToken).ConfigureAwait(false);
                ConfirmChannel channel = await ConfirmChannel.OpenAsync(_writing, _settings.IsDurable, cancellationToken)
                    .ConfigureAwait(false);
                channel.Channel.ChannelShutdownAsync += (_, reason) => EndAsync(reason, refusedMessage: IsRefusal(reason));
                _confirms = channel;
            }

            return _confirms;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<IConnection> OpenWritingAsync(CancellationToken cancellationToken)
    {
        IConnection connection = await _openWriting(cancellationToken).ConfigureAwait(false);
        Watch(connection);
        connection.ConnectionBlockedAsync += (_, blocked) =>
        {
            BlockedBy = blocked.Reason;
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            BlockedBy = null;
            return Task.CompletedTask;
        };
        return connection;
    }

    // The code that connects sees the end of the other connection first.
    private void Watch(IConnection connection)
    {
        connection.ConnectionShutdownAsync += (_, reason) => EndAsync(reason, refusedMessage: false);
        if (!connection.IsOpen)
        {
            _ = EndAsync(connection.CloseReason!, refusedMessage: false);
        }
    }

    private static bool IsRefusal(ShutdownEventArgs reason)
        => reason.Initiator == ShutdownInitiator.Peer && reason.ReplyCode is >= 311 and < 500 and not Constants.ConnectionForced;

    private Task EndAsync(ShutdownEventArgs reason, bool refusedMessage)
    {
        End(new RabbitMQ.Client.Exceptions.OperationInterruptedException(reason), refusedMessage);
        return Task.CompletedTask;
    }

    private void End(Exception reason, bool refusedMessage)
    {
        if (!_isClosing)
        {
            _lost.TrySetResult(new SessionEnd(reason, refusedMessage));

            // Not on this thread, which is the client's.
            _ended.CancelAsync().Forget();
        }
    }
}
