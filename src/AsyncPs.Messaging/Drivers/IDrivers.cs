namespace AsyncPs.Messaging.Drivers;

/// <summary>
/// The drivers of brokers that ship with the module. Their assembly is loaded separately, with its packages.
/// </summary>
internal interface IDrivers
{
    /// <summary>Prepares to connect to RabbitMQ.</summary>
    IMessageDriver OpenRabbitMq(RabbitMqSettings settings);
}

/// <summary>The settings for a connection to RabbitMQ.</summary>
/// <param name="Addresses">The nodes, which are tried one after another.</param>
/// <param name="VirtualHost">The virtual host.</param>
/// <param name="UserName">The user to log in; null for the client's default.</param>
/// <param name="Password">The user's password.</param>
/// <param name="UsesTls">Whether the connection is encrypted, and the server's certificate checked.</param>
/// <param name="SkipsCertificateCheck">Whether any certificate is accepted.</param>
/// <param name="Queue">The queue.</param>
internal sealed record RabbitMqSettings(
    IReadOnlyList<(string Host, int Port)> Addresses, string VirtualHost, string? UserName, string? Password, bool UsesTls,
        bool SkipsCertificateCheck, QueueSettings Queue);

/// <summary>The settings of a queue, for any broker.</summary>
internal sealed record QueueSettings
{
    /// <summary>Its name; null for a private one, which ends with the connection, or for none.</summary>
    public string? Name { get; init; }

    /// <summary>The exchange for publishing; null for the queue itself.</summary>
    public string? Exchange { get; init; }

    /// <summary>Which queues get what is published there.</summary>
    public ExchangeKind ExchangeKind { get; init; }

    /// <summary>The topics of the subscription on the exchange.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Whether it can only be written to.</summary>
    public bool IsForWriting => Name is null && Topics.Count == 0;

    /// <summary>Whether the queue and its messages survive a restart of the broker.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether the queue is replicated.</summary>
    public bool IsQuorum { get; init; }

    /// <summary>How many priorities there are above the normal one.</summary>
    public int MaxPriority { get; init; }

    /// <summary>Whether the queue exists and is used as it is.</summary>
    public bool IsExisting { get; init; }

    /// <summary>Whether failed messages are kept in a queue for them.</summary>
    public bool HasDeadLetters { get; init; }
}
