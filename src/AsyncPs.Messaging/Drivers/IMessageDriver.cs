namespace AsyncPs.Messaging.Drivers;

/// <summary>Connects to a broker for one queue. It holds no connection itself.</summary>
internal interface IMessageDriver
{
    /// <summary>The name of the broker: server and virtual host. No secrets.</summary>
    string Broker { get; }

    /// <summary>Connects, and creates the missing objects that the queue needs.</summary>
    ValueTask<IMessageSession> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>The meaning of an exception; null if it is not one of the driver's.</summary>
    DriverFailure? Explain(Exception exception);
}

/// <summary>A driver's interpretation of one of its exceptions.</summary>
/// <param name="Id">The id of the error.</param>
/// <param name="Message">The message, with the remedy and without secrets.</param>
/// <param name="Code">The broker's code, or null.</param>
/// <param name="IsTransient">Whether another attempt may succeed.</param>
internal readonly record struct DriverFailure(string Id, string Message, int? Code, bool IsTransient);
