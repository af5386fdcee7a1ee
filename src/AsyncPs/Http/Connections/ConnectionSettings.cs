using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AsyncPs.Http.Connections;

/// <summary>What requests must agree on to share connections.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>The proxy, or null for that of the system.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Whether no proxy is used, not even that of the system.</summary>
    public bool NoProxy { get; init; }

    /// <summary>What the proxy is told, or null.</summary>
    public ICredentials? ProxyCredentials { get; init; }

    /// <summary>Shown to servers that ask for one, or null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether any certificate of a server is taken.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>How many connections to one server there may be over HTTP/1.1.</summary>
    public int MaxConnectionsPerServer { get; init; } = int.MaxValue;

    /// <summary>Whether bodies are asked for compressed, and decompressed. A part of a compressed body could not be continued.</summary>
    public bool Decompresses { get; init; } = true;

    /// <summary>What servers are told that ask (Negotiate, NTLM, Digest, Basic), or null.</summary>
    public ICredentials? Credentials { get; init; }

    /// <summary>Whether connections are of use to other calls: those of a logged-in user are not.</summary>
    public bool MayBeShared => Credentials is null && ProxyCredentials is null;

    /// <summary>The proxy that a request goes through; null if it goes straight to the server.</summary>
    public Uri? ProxyFor(Uri uri) => NoProxy ? null : Proxy ?? Proxies.OfSystem(uri);

    /// <summary>The same for hosts that the user did not name.</summary>
    public ConnectionSettings ForOthers
        => Credentials is null && Certificate is null ? this : this with { Credentials = null, Certificate = null };

    /// <summary>Only its type: it holds secrets.</summary>
    public override string ToString() => nameof(ConnectionSettings);
}
