using AsyncPs.Messaging.Drivers;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Messaging.Support;

/// <summary>A broker that does what a test says.</summary>
internal sealed class FakeDriver : IMessageDriver
{

    public string Broker => "fake";

    /// <summary>What no session takes; once it is set, everything else is confirmed by all but the first.</summary>
    public string? Refuses { get; set; }

    public FakeSession Session { get; private set; } = null!;

    public async Task<FakeSession> NextAsync(FakeSession last)
    {
        await Condition.UntilAsync(() => Session != last, "there is another session");
        return Session;
    }

    public ValueTask<IMessageSession> ConnectAsync(CancellationToken cancellationToken)
    {
        Session = new FakeSession(Session is null ? null : Refuses);
        return ValueTask.FromResult<IMessageSession>(Session);
    }

    public DriverFailure? Explain(Exception exception)
        => exception is IOException ? new DriverFailure("MessageBrokerLost", exception.Message, null, IsTransient: true) : null;
}

/// <summary>One of its sessions.</summary>
/// <param name="refuses">What it is lost at; null when it takes everything and confirms nothing by itself.</param>
internal sealed class FakeSession(string? refuses) : IMessageSession
{
    private readonly TaskCompletionSource<SessionEnd> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<OutgoingMessage> _sent = [];

    public Task<SessionEnd> Lost => _lost.Task;

    public string? BlockedBy => null;

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

    public ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
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

    public ValueTask StartAsync(int prefetch, Action<Delivery> deliver, CancellationToken cancellationToken) => default;

    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    public ValueTask<Delivery?> GetAsync(CancellationToken cancellationToken) => default;

    public ValueTask SettleAsync(Delivery delivery, Settlement settlement, CancellationToken cancellationToken) => default;

    public ValueTask<string> ListenForAnswersAsync(Action<Delivery> deliver, CancellationToken cancellationToken)
        => ValueTask.FromResult("answers");

    public ValueTask DisposeAsync() => default;
}
