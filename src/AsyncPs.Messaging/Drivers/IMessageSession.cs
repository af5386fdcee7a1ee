namespace AsyncPs.Messaging.Drivers;

/// <summary>
/// A connection to a broker for one queue, from its beginning to its end. When it is lost, everything that was delivered on it and not
/// settled is delivered
/// again to whoever reads the queue, and nobody knows of what was sent and not confirmed.
/// </summary>
internal interface IMessageSession : IAsyncDisposable
{
    /// <summary>Ends with the reason when it is lost.</summary>
    Task<SessionEnd> Lost { get; }

    /// <summary>Why the broker takes no messages at the moment; null when it does.</summary>
    string? BlockedBy { get; }

    /// <summary>How the broker calls the queue.</summary>
    string Queue { get; }

    /// <summary>Looks how many messages and readers the queue has.</summary>
    ValueTask<QueueStatistics> LookAsync(CancellationToken cancellationToken);

    /// <summary>Drops all messages that wait.</summary>
    /// <returns>How many.</returns>
    ValueTask<long> PurgeAsync(CancellationToken cancellationToken);

    /// <summary>Has messages delivered from now on, one call after another.</summary>
    /// <param name="prefetch">How many may be delivered and not settled.</param>
    /// <param name="deliver">Takes a message.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask StartAsync(int prefetch, Action<Delivery> deliver, CancellationToken cancellationToken);

    /// <summary>Has no more delivered. Once it is done, everything that was has been handed over.</summary>
    ValueTask StopAsync(CancellationToken cancellationToken);

    /// <summary>Takes one message, if there is one.</summary>
    ValueTask<Delivery?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Says what has become of a message of this session.</summary>
    ValueTask SettleAsync(Delivery delivery, Settlement settlement, CancellationToken cancellationToken);

    /// <summary>Sends a message; it is told of the confirm, unless the session is lost before. One call after another.</summary>
    ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Has answers delivered to what is sent from now on.</summary>
    /// <param name="deliver">Takes an answer.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The address for them.</returns>
    ValueTask<string> ListenForAnswersAsync(Action<Delivery> deliver, CancellationToken cancellationToken);
}

/// <summary>Why a session has ended.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="RefusedMessage">Whether it was a message that was sent which the broker has refused so.</param>
internal readonly record struct SessionEnd(Exception Reason, bool RefusedMessage);

/// <summary>What a broker tells about a queue.</summary>
/// <param name="Messages">How many messages wait to be delivered.</param>
/// <param name="Consumers">How many consumers it has.</param>
internal readonly record struct QueueStatistics(long Messages, int Consumers);

/// <summary>What has become of a message.</summary>
internal enum SettlementKind
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It goes back to the place it had.</summary>
    Returned,

    /// <summary>It goes to the end of the queue, after a while.</summary>
    Again,

    /// <summary>It has failed for good.</summary>
    Dead,
}

/// <summary>What has become of a message, with what belongs to that.</summary>
/// <param name="Kind">What has.</param>
/// <param name="Reason">Why it has failed, or null.</param>
/// <param name="Delay">How long it waits before it comes again.</param>
internal readonly record struct Settlement(SettlementKind Kind, string? Reason = null, TimeSpan Delay = default);
