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

    /// <summary>What kind of event it is; <c>message</c> if it does not say.</summary>
    public string Event { get; }

    /// <summary>The data; several lines are joined by line feeds.</summary>
    public string Data { get; }

    /// <summary>The last id the stream has given; empty if none.</summary>
    public string Id { get; }

    /// <summary>How long to wait before connecting again, if the stream has said so.</summary>
    public TimeSpan? Retry { get; }

    /// <summary>The data.</summary>
    public override string ToString() => Data;
}
