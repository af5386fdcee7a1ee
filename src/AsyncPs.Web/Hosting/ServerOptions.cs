using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AsyncPs.Web.Hosting;

/// <summary>How a server serves.</summary>
internal sealed record ServerOptions
{
    /// <summary>The addresses to listen on; none for a server without a port.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The port, or 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>The path of a Unix socket to listen on besides, or null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>The certificate for HTTPS, or null for HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The names that a request may be for; empty for any.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The origins whose pages may read answers; <c>*</c> for any; empty for none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Whether answers are compressed for clients that take it.</summary>
    public bool Compresses { get; init; }

    /// <summary>How many requests a second one client may send, or null.</summary>
    public double? RateLimit { get; init; }

    /// <summary>How many bytes the body of a request may have.</summary>
    public long MaximumBodySize { get; init; } = 10L << 20;

    /// <summary>How many connections there may be at once, or null for any number.</summary>
    public long? MaximumConnections { get; init; }

    /// <summary>How long a client may take to send the headers of a request.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Told of each request when it has been answered; or null.</summary>
    public Action<RequestRecord>? Answered { get; init; }

    /// <summary>Told of what fails outside any route.</summary>
    public Action<Exception>? Failed { get; init; }
}
