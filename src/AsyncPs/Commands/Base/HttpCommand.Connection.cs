using System.Net;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http;
using AsyncPs.Http.Connections;

namespace AsyncPs.Commands.Base;

/// <content>The parameters of the connection to the server.</content>
public abstract partial class HttpCommand
{
    /// <summary>Accepts any certificate of a server.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The proxy. Default: the system's.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The credential for the proxy.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Uses no proxy, not even the system's.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>The version of HTTP: 1.0, 1.1, 2 or 3; with TLS a server may answer with a lower one. Default: 1.1.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [HttpVersion]
    [ArgumentCompleter(typeof(HttpVersionCompleter))]
    public Version HttpVersion { get; set; } = System.Net.HttpVersion.Version11;

    /// <summary>The maximum number of HTTP/1.1 connections to one server. Default: the number of concurrent requests.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(1, int.MaxValue)]
    public int MaxConnectionsPerServer { get; set; } = int.MaxValue;

    /// <summary>How many redirects a request follows; none with 0. Default: 5.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(0, int.MaxValue)]
    public int MaximumRedirection { get; set; } = HttpCallOptions.DefaultMaximumRedirection;

    /// <summary>Follows redirects from https to http.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter AllowInsecureRedirect { get; set; }

    /// <summary>Keeps the method on redirects that would make it GET.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter PreserveHttpMethodOnRedirect { get; set; }

    /// <summary>How many seconds to wait for the headers of the response; 0 for any time. Default: 100.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("TimeoutSec")]
    [ValidateRange(0, MaximumSeconds)]
    public double ConnectionTimeoutSeconds { get; set; } = HttpCallOptions.DefaultTimeoutSeconds;

    /// <summary>
    /// How many seconds may pass without more of a body; 0 for any time. Default: 100, and any time for lines and events.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateRange(0, MaximumSeconds)]
    public double OperationTimeoutSeconds { get; set; } = HttpCallOptions.DefaultTimeoutSeconds;

    // The longest time of a timer.
    private const double MaximumSeconds = int.MaxValue / 1000;

    private ConnectionSettings CreateConnectionSettings() => new()
    {
        Proxy = Proxy,
        NoProxy = NoProxy,
        ProxyCredentials = ProxyCredential?.GetNetworkCredential(),
        Certificate = Certificate,
        SkipCertificateCheck = SkipCertificateCheck,
        MaxConnectionsPerServer = MaxConnectionsPerServer,
        Decompresses = !Resume,
        Credentials = UseDefaultCredentials
            ? CredentialCache.DefaultCredentials
            : Authentication == AuthenticationScheme.None ? Credential?.GetNetworkCredential() : null,
    };

    private static TimeSpan? Seconds(double seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
}
