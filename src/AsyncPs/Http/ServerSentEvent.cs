namespace AsyncPs.Http;

/// <summary>One event of a stream of type <c>text/event-stream</c>.</summary>
public sealed class ServerSentEvent
{
    internal ServerSentEvent(string type, string data, string id, TimeSpan? retry)
    {
        Event = type;
        Data = data;
        Id = id;
        Retry = retry;
    }

    /// <summary>The type of the event; <c>message</c> by default.</summary>
    public string Event { get; }

    /// <summary>The data; several lines are joined by line feeds.</summary>
    public string Data { get; }

    /// <summary>The last id that the stream sent; empty if none.</summary>
    public string Id { get; }

    /// <summary>How long to wait before reconnecting, if the stream has said so.</summary>
    public TimeSpan? Retry { get; }

    /// <summary>The data.</summary>
    public override string ToString() => Data;
}
