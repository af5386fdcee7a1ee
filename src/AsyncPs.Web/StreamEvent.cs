namespace AsyncPs.Web;

/// <summary>
/// An event for a stream of server-sent events, with all that it may have: <c>[AsyncPs.Web.StreamEvent] @{ Event = 'price'; Data =
/// $price }</c>.
/// </summary>
public sealed class StreamEvent
{
    /// <summary>What kind of event it is; null: a message.</summary>
    public string? Event { get; set; }

    /// <summary>The data: a text as it is, an object as JSON.</summary>
    public object? Data { get; set; }

    /// <summary>Its id, which a client that connects again names in the header <c>Last-Event-ID</c>; or null.</summary>
    public string? Id { get; set; }

    /// <summary>How many seconds the client is to wait before it connects again; null: as it likes.</summary>
    public double? Retry { get; set; }

    /// <summary>The data.</summary>
    public override string ToString() => PlainText.Of(Data);
}
