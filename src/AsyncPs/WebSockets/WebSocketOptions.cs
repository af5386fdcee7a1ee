using AsyncPs.Http.Requests;

namespace AsyncPs.WebSockets;

/// <summary>How to open a web socket.</summary>
/// <param name="Uri">Where, <c>ws</c> or <c>wss</c>.</param>
internal sealed record WebSocketOptions(Uri Uri)
{
    /// <summary>Sent with the request that opens it.</summary>
    public IReadOnlyList<Header> Headers { get; init; } = [];

    /// <summary>What the server may choose from.</summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>How often the connection is kept alive; infinite for never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes a message may have.</summary>
    public int MaximumMessageSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Whether any certificate of the server will do.</summary>
    public bool SkipsCertificateCheck { get; init; }
}
