namespace AsyncPs.Web;

/// <summary>
/// An event for a stream of server-sent events, with all of its fields:
/// <c>[AsyncPs.Web.StreamEvent] @{ Event = 'price'; Data = $price }</c>.
/// </summary>
public sealed class StreamEvent
{
    /// <summary>The type of the event; null for a message.</summary>
    public string? Event { get; set; }

    /// <summary>The data: a string unchanged, an object as JSON.</summary>
    public object? Data { get; set; }

    /// <summary>Its id, which a reconnecting client sends in the <c>Last-Event-ID</c> header; or null.</summary>
    public string? Id { get; set; }

    /// <summary>How many seconds the client should wait before it reconnects; null for its default.</summary>
    public double? Retry { get; set; }

    /// <summary>The data.</summary>
    public override string ToString() => PlainText.Of(Data);
}
