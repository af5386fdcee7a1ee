using AsyncPs.Http.Requests;

namespace AsyncPs.WebSockets;

/// <summary>How to open a web socket.</summary>
/// <param name="Uri">The address, <c>ws</c> or <c>wss</c>.</param>
internal sealed record WebSocketOptions(Uri Uri)
{
    /// <summary>The headers of the opening request.</summary>
    public IReadOnlyList<Header> Headers { get; init; } = [];

    /// <summary>The protocols that the server may choose from.</summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>How often the connection is kept alive; infinite for never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message, in bytes.</summary>
    public int MaximumMessageSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Whether any certificate of the server is accepted.</summary>
    public bool SkipsCertificateCheck { get; init; }
}
