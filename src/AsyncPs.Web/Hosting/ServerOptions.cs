using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AsyncPs.Web.Hosting;

/// <summary>The options of a server.</summary>
internal sealed record ServerOptions
{
    /// <summary>The addresses to listen on; none for a server without a port.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The port, or 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>The path of an additional Unix socket to listen on, or null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>The certificate for HTTPS, or null for HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The host names that requests may use; empty for any.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The origins whose pages may read answers; <c>*</c> for any; empty for none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Whether answers are compressed for clients that accept it.</summary>
    public bool Compresses { get; init; }

    /// <summary>How many requests per second one client may send, or null.</summary>
    public double? RateLimit { get; init; }

    /// <summary>The largest body of a request, in bytes.</summary>
    public long MaximumBodySize { get; init; } = 10L << 20;

    /// <summary>The largest number of connections, or null for no limit.</summary>
    public long? MaximumConnections { get; init; }

    /// <summary>How long a client may take to send the headers of a request.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Called for each answered request; or null.</summary>
    public Action? Answered { get; init; }

    /// <summary>Receives the record of each answered request; or null.</summary>
    public Action<RequestRecord>? Recorded { get; init; }

    /// <summary>Called for failures outside any route.</summary>
    public Action<Exception>? Failed { get; init; }
}
