using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AsyncPs.Http.Connections;

/// <summary>The settings that requests must have in common to share connections.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>The proxy, or null for the system's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Whether no proxy is used, not even the system's.</summary>
    public bool NoProxy { get; init; }

    /// <summary>The credentials for the proxy, or null.</summary>
    public ICredentials? ProxyCredentials { get; init; }

    /// <summary>The certificate for servers that ask for one, or null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether any certificate of a server is accepted.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The largest number of connections to one server over HTTP/1.1.</summary>
    public int MaxConnectionsPerServer { get; init; } = int.MaxValue;

    /// <summary>Whether bodies are requested compressed, and decompressed. A part of a compressed body cannot be resumed.</summary>
    public bool Decompresses { get; init; } = true;

    /// <summary>The credentials for servers that ask for them (Negotiate, NTLM, Digest, Basic), or null.</summary>
    public ICredentials? Credentials { get; init; }

    /// <summary>Whether other calls may use the connections. Those of a logged-in user are not shared.</summary>
    public bool MayBeShared => Credentials is null && ProxyCredentials is null;

    /// <summary>The proxy of a request; null if it goes directly to the server.</summary>
    public Uri? ProxyFor(Uri uri) => NoProxy ? null : Proxy ?? Proxies.OfSystem(uri);

    /// <summary>The same settings for hosts that the user did not name.</summary>
    public ConnectionSettings ForOthers
        => Credentials is null && Certificate is null ? this : this with { Credentials = null, Certificate = null };

    /// <summary>Only the type name, because the settings hold secrets.</summary>
    public override string ToString() => nameof(ConnectionSettings);
}
