using System.Net;
using System.Net.Security;
using System.Text;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http.Connections;

/// <summary>Pooled connections with the same settings.</summary>
internal sealed class ConnectionSet(ConnectionSettings settings) : IDisposable
{
    // The longest life of a connection, however busy, after which a moved server is looked up again.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);

    // Longer than the time-out of a request: an abandoned attempt must not continue forever.
    private static readonly TimeSpan ConnectTime = TimeSpan.FromMinutes(2);

    /// <summary>The settings.</summary>
    public ConnectionSettings Settings { get; } = settings;

    /// <summary>How many calls use it. Guarded by the pool's lock.</summary>
    public int Users { get; set; }

    /// <summary>Sends requests. The sender handles redirects and cookies, which belong to a call rather than to a connection.</summary>
    public HttpMessageInvoker Invoker { get; } = new(CreateHandler(settings));

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();

    private static SocketsHttpHandler CreateHandler(ConnectionSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = settings.Decompresses ? DecompressionMethods.All : DecompressionMethods.None,
            PooledConnectionLifetime = Lifetime,
            PooledConnectionIdleTimeout = IdleTime,
            ConnectTimeout = ConnectTime,
            MaxConnectionsPerServer = settings.MaxConnectionsPerServer,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,

            // Headers are sent byte by byte: a cookie goes back to the server as it came.
            RequestHeaderEncodingSelector = EncodingOf,
            UseProxy = !settings.NoProxy,
            Credentials = settings.Credentials,
        };
        if (settings.Proxy is not null)
        {
            handler.Proxy = new WebProxy(settings.Proxy) { Credentials = settings.ProxyCredentials };
        }
        else if (settings.ProxyCredentials is not null)
        {
            handler.DefaultProxyCredentials = settings.ProxyCredentials;
        }

        if (settings.SkipCertificateCheck)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = AcceptAny;
        }

        if (settings.Certificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return handler;
    }

    private static Encoding EncodingOf(string header, HttpRequestMessage request)
    {
        // Headers are written when there is a connection.
        (request as TrackedRequest)?.NoteConnected();
        return Encoding.Latin1;
    }

    /// <summary>Accepts any certificate of a server.</summary>
    [SuppressMessage(
        "Security",
        "CA5359:Do Not Disable Certificate Validation",
        Justification = "That is what -SkipCertificateCheck asks for.")]
    internal static readonly RemoteCertificateValidationCallback AcceptAny = static (_, _, _, _) => true;
}
