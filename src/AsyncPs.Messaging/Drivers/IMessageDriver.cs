namespace AsyncPs.Messaging.Drivers;

/// <summary>What speaks to a broker about one queue. It holds no connection itself.</summary>
internal interface IMessageDriver
{
    /// <summary>What the broker is called: server and virtual host. No secrets.</summary>
    string Broker { get; }

    /// <summary>Connects, and makes what the queue needs and is missing.</summary>
    ValueTask<IMessageSession> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>What an exception means; null when it is none of the driver's.</summary>
    DriverFailure? Explain(Exception exception);
}

/// <summary>What a driver says about an exception of its own.</summary>
/// <param name="Id">The id of the error.</param>
/// <param name="Message">The message, with the remedy and without secrets.</param>
/// <param name="Code">What the broker calls it, or null.</param>
/// <param name="IsTransient">Whether another attempt may succeed.</param>
internal readonly record struct DriverFailure(string Id, string Message, int? Code, bool IsTransient);
