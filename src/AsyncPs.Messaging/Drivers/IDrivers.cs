namespace AsyncPs.Messaging.Drivers;

/// <summary>
/// The drivers of brokers that come with the module. The assembly that implements it is loaded apart, with their packages.
/// </summary>
internal interface IDrivers
{
    /// <summary>Prepares to connect to RabbitMQ.</summary>
    IMessageDriver OpenRabbitMq(RabbitMqSettings settings);
}

/// <summary>How RabbitMQ is connected to.</summary>
/// <param name="Addresses">The nodes, to be tried one after another.</param>
/// <param name="VirtualHost">The virtual host.</param>
/// <param name="UserName">Who logs in; null for the client's default.</param>
/// <param name="Password">With this.</param>
/// <param name="UsesTls">Whether the connection is encrypted, and the server's certificate checked.</param>
/// <param name="SkipsCertificateCheck">Whether any certificate will do.</param>
/// <param name="Queue">The queue.</param>
internal sealed record RabbitMqSettings(
    IReadOnlyList<(string Host, int Port)> Addresses, string VirtualHost, string? UserName, string? Password, bool UsesTls,
        bool SkipsCertificateCheck, QueueSettings Queue);

/// <summary>What a queue is, whatever the broker.</summary>
internal sealed record QueueSettings
{
    /// <summary>Its name; null for one of one's own, which ends with the connection, or for none.</summary>
    public string? Name { get; init; }

    /// <summary>The exchange that is published to; null for the queue itself.</summary>
    public string? Exchange { get; init; }

    /// <summary>Which queues get what is published there.</summary>
    public ExchangeKind ExchangeKind { get; init; }

    /// <summary>What is subscribed to on the exchange.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Whether it is only written to.</summary>
    public bool IsForWriting => Name is null && Topics.Count == 0;

    /// <summary>Whether the queue and what is in it outlives the broker's restart.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether the queue is replicated.</summary>
    public bool IsQuorum { get; init; }

    /// <summary>How many priorities above none there are.</summary>
    public int MaxPriority { get; init; }

    /// <summary>Whether the queue is there and taken as it is.</summary>
    public bool IsExisting { get; init; }

    /// <summary>Whether messages that have failed are kept in a queue for them.</summary>
    public bool HasDeadLetters { get; init; }
}
