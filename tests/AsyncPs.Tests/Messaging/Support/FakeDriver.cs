using AsyncPs.Messaging.Drivers;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Messaging.Support;

/// <summary>A broker that does what a test says.</summary>
internal sealed class FakeDriver : IMessageDriver
{
    public string Broker => "fake";

    /// <summary>The message at which sessions are lost. Once it is set, all sessions but the first confirm everything else.</summary>
    public string? Refuses { get; set; }

    /// <summary>Whether connections fail from now on.</summary>
    public bool IsDown { get; set; }

    public FakeSession Session { get; private set; } = null!;

    public async Task<FakeSession> NextAsync(FakeSession last)
    {
        await Condition.UntilAsync(() => Session != last, "there is another session");
        return Session;
    }

    public ValueTask<IMessageSession> ConnectAsync(CancellationToken cancellationToken)
    {
        if (IsDown)
        {
            throw new IOException("down");
        }

        Session = new FakeSession(Session is null ? null : Refuses);
        return ValueTask.FromResult<IMessageSession>(Session);
    }

    public DriverFailure? Explain(Exception exception)
        => exception switch
        {
            IOException => new DriverFailure("MessageBrokerLost", exception.Message, null, IsTransient: true),
            UnauthorizedAccessException => new DriverFailure("MessageAccessDenied", exception.Message, 403, IsTransient: false),
            _ => null,
        };
}

/// <summary>One of its sessions.</summary>
/// <param name="refuses">The message at which it is lost; null if it accepts everything and confirms nothing automatically.</param>
internal sealed class FakeSession(string? refuses) : IMessageSession
{
    private readonly TaskCompletionSource<SessionEnd> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<OutgoingMessage> _sent = [];

    public Task<SessionEnd> Lost => _lost.Task;

    public string? BlockedBy => null;

    /// <summary>Called before delivery begins; may fail.</summary>
    public Action? Starting { get; set; }

    /// <summary>Called before a message is sent; may fail.</summary>
    public Action<OutgoingMessage>? Sending { get; set; }

    /// <summary>The answer to a request for one message.</summary>
    public Func<Task<Delivery?>> Getting { get; set; } = static () => Task.FromResult<Delivery?>(null);

    /// <summary>Called when a message is settled.</summary>
    public Func<Settlement, Task> Settling { get; set; } = static _ => Task.CompletedTask;

    /// <summary>How many times delivery has begun.</summary>
    public int Starts { get; private set; }

    /// <summary>Receives deliveries; null while nothing may be delivered.</summary>
    public Action<Delivery>? Deliver { get; private set; }

    /// <summary>How messages were settled.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<(string Topic, SettlementKind Kind)> Settled { get; } = new();

    public string Queue => "q";

    public List<OutgoingMessage> Sent
    {
        get
        {
            lock (_sent)
            {
                return [.. _sent];
            }
        }
    }

    public void Lose(bool refusedMessage = false) => _lost.TrySetResult(new SessionEnd(new IOException("lost"), refusedMessage));

    /// <summary>A message of this session.</summary>
    public Delivery Message(string topic)
        => new(this, 1, 1, "", topic, System.Text.Encoding.UTF8.GetBytes(topic), new MessageProperties { ContentType = "text/plain" });

    public ValueTask SendAsync(OutgoingMessage message)
    {
        Sending?.Invoke(message);
        lock (_sent)
        {
            _sent.Add(message);
        }

        if (refuses is not null && message.Topic == refuses)
        {
            Lose(refusedMessage: true);
        }
        else if (refuses is not null)
        {
            message.Ended(SendResult.Confirmed);
        }

        return default;
    }

    public ValueTask<QueueStatistics> LookAsync(CancellationToken cancellationToken) => default;

    public ValueTask<long> PurgeAsync(CancellationToken cancellationToken) => default;

    public ValueTask StartAsync(int prefetch, Action<Delivery> deliver)
    {
        Starting?.Invoke();
        Starts++;
        Deliver = deliver;
        return default;
    }

    public ValueTask StopAsync()
    {
        Deliver = null;
        return default;
    }

    public ValueTask<Delivery?> GetAsync() => new(Getting());

    public async ValueTask SettleAsync(Delivery delivery, Settlement settlement)
    {
        await Settling(settlement);
        Settled.Enqueue((delivery.Topic, settlement.Kind));
    }

    public ValueTask<string> ListenForAnswersAsync(Action<Delivery> deliver, CancellationToken cancellationToken)
        => ValueTask.FromResult("answers");

    public ValueTask DisposeAsync() => default;
}
