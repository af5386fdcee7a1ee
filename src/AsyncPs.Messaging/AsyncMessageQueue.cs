using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Messaging.Publishing;
using AsyncPs.Messaging.Receiving;
using AsyncPs.Queues;

namespace AsyncPs.Messaging;

/// <summary>
/// A queue in a broker. It outlives the process, and each of its messages is processed by one reader, in any process on any machine. A
/// message is acknowledged when its item has succeeded. It is delivered again when the item was stopped, its process has died or the
/// connection was lost. It becomes a dead letter when the item has failed.
/// </summary>
public sealed partial class AsyncMessageQueue : IAsyncDisposable, IDisposable
{
    /// <summary>The suffix of the name of a queue for dead letters.</summary>
    internal const string DeadSuffix = ".dead";

    // The time for the broker to confirm and acknowledge messages when the queue is closed.
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    private readonly IMessageDriver _driver;
    private readonly QueueSettings _settings;
    private readonly SessionKeeper _keeper;
    private readonly Settler _settler;
    private readonly Receiver _receiver;
    private readonly bool _asMessage;
    private readonly BodyFormat _format;
    private int _closed;

    internal AsyncMessageQueue(IMessageDriver driver, QueueSettings settings, MessageQueueOptions options)
    {
        _driver = driver;
        _settings = settings;
        _asMessage = options.AsMessage;
        _format = options.Format;
        Prefetch = options.Prefetch;
        Name = settings.Name ?? settings.Exchange!;
        _keeper = new SessionKeeper(driver, options.ReconnectTimeout) { Opened = Opened, Lost = Lost, Failed = Failed };
        _settler = new Settler(_keeper);
        _receiver = new Receiver(
            _keeper, _settler, new ReceiveOptions(options.Prefetch, options.MaxDeliveries, options.RetryDelay, Read, Failed));
        Publisher = new Publisher(Name, _keeper);
        Answers = new Answers(Read, _keeper);
    }

    /// <summary>The name of the queue, or of the exchange if there is no queue.</summary>
    public string Name { get; }

    /// <summary>The broker: server and virtual host.</summary>
    public string Broker => _driver.Broker;

    /// <summary>The exchange for publishing; null if messages are written to the queue itself.</summary>
    public string? Exchange => _settings.Exchange;

    /// <summary>The topics of the subscription on the exchange.</summary>
    public string[] Topic => [.. _settings.Topics];

    /// <summary>How many unacknowledged messages the broker delivers ahead.</summary>
    public int Prefetch { get; }

    internal bool IsForWriting => _settings.IsForWriting;

    internal Publisher Publisher { get; }

    internal Answers Answers { get; }

    // The broker's name for a queue without a name.
    internal string QueueName { get; private set; } = "";

    /// <summary>Connects to the broker, and creates what the queue needs.</summary>
    /// <exception cref="MessagingException">It cannot connect.</exception>
    internal async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await _keeper.OpenAsync(cancellationToken).ConfigureAwait(false);
        _settler.Start();
        OpenQueues.Add(this);
    }

    /// <summary>
    /// Closes the connection. Messages that readers hold are delivered again elsewhere, unless they end before. First, written messages are
    /// confirmed and failed messages are moved, for which the broker has 5 s.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        OpenQueues.Remove(this);
        Publisher.Complete();
        _receiver.Stop();
        using (var timeout = new CancellationTokenSource(ClosingTime))
        {
            await TryAsync(_receiver.StopAsync(timeout.Token)).ConfigureAwait(false);
            await TryAsync(ConfirmedAsync(timeout.Token)).ConfigureAwait(false);
            await TryAsync(_settler.CloseAsync().WaitAsync(timeout.Token)).ConfigureAwait(false);
        }

        await _keeper.DisposeAsync().ConfigureAwait(false);
        Answers.Lost();
        Publisher.Fail("the queue was closed before.");
        _receiver.Dispose();
        Answers.Dispose();
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static async ValueTask TryAsync(Task step)
    {
        try
        {
            await step.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // There is no answer or no broker; the broker notices on its own that the connection has ended.
        }
    }

    private async Task ConfirmedAsync(CancellationToken cancellationToken)
    {
        while (Publisher.Unconfirmed > 0 && _keeper.Current is not null)
        {
            await Task.Delay(ShortestPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Opened(IMessageSession session)
    {
        QueueName = session.Queue;
        Publisher.Opened(session);
        _receiver.Opened();
    }

    private void Lost(SessionEnd end)
    {
        Publisher.Lost(end);
        Answers.Lost();
        _receiver.Lost();
    }

    // There will be no other session: readers and writers get the reason.
    private void Failed(MessagingException failure)
    {
        Error ??= failure;
        Publisher.Fail(failure.Message);
        _receiver.Stop();
    }

    private object? Read(Delivery delivery)
    {
        object? body = MessageBodies.Read(delivery.Body, delivery.Properties.ContentType, _format);
        if (!_asMessage)
        {
            return body;
        }

        MessageProperties properties = delivery.Properties;
        return new QueueMessage
        {
            Body = body,
            Headers = new System.Collections.Hashtable(properties.Headers?.ToDictionary() ?? [], StringComparer.OrdinalIgnoreCase),
            ContentType = properties.ContentType,
            Priority = properties.Priority,
            Expiration = properties.Expiration,
            CorrelationId = properties.CorrelationId,
            ReplyTo = properties.ReplyTo,
            MessageId = properties.MessageId,
            Timestamp = properties.Timestamp,
            Topic = delivery.Topic,
            Exchange = delivery.Exchange,
            DeliveryCount = delivery.Count,
            Answer = AnswerAsync,
        };
    }

    private Task AnswerAsync(QueueMessage request, object? body)
    {
        var answer = new AnswerWriter();
        ReadOnlyMemory<byte> bytes = MessageBodies.Write(body, out string contentType);
        var message = new QueuedMessage(Publisher, answer)
        {
            Item = body,
            Body = bytes,
            Exchange = "",
            Topic = request.ReplyTo!,
            Properties = new MessageProperties
            {
                ContentType = contentType,
                CorrelationId = request.CorrelationId,
                MessageId = Guid.NewGuid().ToString("N"),
                Timestamp = DateTimeOffset.UtcNow,
            },
        };
        return Publisher.Write(message, isAnswer: true) == WriteOutcome.Written ? answer.Task
            : Task.FromException(MessagingErrors.Closed(Name));
    }
}

/// <summary>How a queue is read and written.</summary>
internal sealed record MessageQueueOptions
{
    /// <summary>The largest number of delivered, unsettled messages.</summary>
    public int Prefetch { get; init; } = 50;

    /// <summary>The largest number of deliveries of a message; 0 for no limit.</summary>
    public int MaxDeliveries { get; init; }

    /// <summary>How long a failed message waits before it is delivered again; null if it is not.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>How long a lost connection may be down.</summary>
    public TimeSpan ReconnectTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The format of bodies.</summary>
    public BodyFormat Format { get; init; }

    /// <summary>Whether readers get messages instead of bodies.</summary>
    public bool AsMessage { get; init; }
}
