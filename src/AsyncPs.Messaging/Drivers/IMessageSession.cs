namespace AsyncPs.Messaging.Drivers;

/// <summary>
/// A connection to a broker for one queue, from its start to its end. When it is lost, messages that were delivered on it and not settled
/// are delivered again to any reader of the queue, and the fate of sent, unconfirmed messages is unknown. Everything that is under way then
/// fails, whatever the broker's client does: no caller waits for a lost session.
/// </summary>
internal interface IMessageSession : IAsyncDisposable
{
    /// <summary>Completes with the reason when it is lost.</summary>
    Task<SessionEnd> Lost { get; }

    /// <summary>Why the broker accepts no messages at the moment; null if it does.</summary>
    string? BlockedBy { get; }

    /// <summary>The broker's name for the queue.</summary>
    string Queue { get; }

    /// <summary>Asks how many messages and consumers the queue has.</summary>
    ValueTask<QueueStatistics> LookAsync(CancellationToken cancellationToken);

    /// <summary>Drops all waiting messages.</summary>
    /// <returns>The number of dropped messages.</returns>
    ValueTask<long> PurgeAsync(CancellationToken cancellationToken);

    /// <summary>Starts the delivery of messages, one call after another.</summary>
    /// <param name="prefetch">The largest number of delivered, unsettled messages.</param>
    /// <param name="deliver">Receives a message.</param>
    ValueTask StartAsync(int prefetch, Action<Delivery> deliver);

    /// <summary>Stops the delivery. When it completes, every delivered message was passed on.</summary>
    ValueTask StopAsync();

    /// <summary>Takes one message, if there is one.</summary>
    ValueTask<Delivery?> GetAsync();

    /// <summary>Settles a message of this session.</summary>
    ValueTask SettleAsync(Delivery delivery, Settlement settlement);

    /// <summary>
    /// Sends a message, which is notified when it is confirmed, unless the session is lost first. One call after another.
    /// </summary>
    ValueTask SendAsync(OutgoingMessage message);

    /// <summary>Registers for answers to what is sent from now on.</summary>
    /// <param name="deliver">Receives an answer.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The address for answers.</returns>
    ValueTask<string> ListenForAnswersAsync(Action<Delivery> deliver, CancellationToken cancellationToken);
}

/// <summary>Why a session has ended.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="RefusedMessage">Whether the broker ended it because it refused a message.</param>
internal readonly record struct SessionEnd(Exception Reason, bool RefusedMessage);

/// <summary>A broker's statistics of a queue.</summary>
/// <param name="Messages">How many messages wait to be delivered.</param>
/// <param name="Consumers">How many consumers it has.</param>
internal readonly record struct QueueStatistics(long Messages, int Consumers);

/// <summary>How a message is settled.</summary>
internal enum SettlementKind
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It goes back to its old place.</summary>
    Returned,

    /// <summary>It goes to the end of the queue, after a while.</summary>
    Again,

    /// <summary>It has failed for good.</summary>
    Dead,
}

/// <summary>How a message is settled, with details.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Reason">Why the message has failed, or null.</param>
/// <param name="Delay">How long it waits before it is delivered again.</param>
internal readonly record struct Settlement(SettlementKind Kind, string? Reason = null, TimeSpan Delay = default);
