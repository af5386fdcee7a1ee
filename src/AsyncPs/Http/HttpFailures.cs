using System.Net.Sockets;
using System.Security.Authentication;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http;

/// <summary>Turns exceptions of connections into errors for the user.</summary>
internal static class HttpFailures
{
    /// <summary>The error of a request whose connection failed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exception">The exception of the connection.</param>
    /// <param name="response">What had arrived, or null.</param>
    /// <param name="proxy">The proxy of the request, or null.</param>
    /// <param name="asksForHttp2">Whether the request allowed only HTTP/2.</param>
    public static HttpCallException HttpFailed(
        HttpRequest request,
        Exception exception,
        HttpResult? response,
        Uri? proxy,
        bool asksForHttp2 = false)
    {
        (string id, ErrorCategory category, string what, bool transient) = response is null && LacksHttp2(request, exception, asksForHttp2)
            ? (
                "HttpVersionNotSupported",
                ErrorCategory.ProtocolError,
                "what answers there does not speak HTTP/2. Without TLS the server must know the version asked for: try -HttpVersion 1.1.",
                false)
            : Classify(exception, proxy);
        return new HttpCallException(id, category, $"{request}: {what}", exception)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = transient && request.IsIdempotent,
        };
    }

    /// <summary>The note about a proxy in a message.</summary>
    public static string Through(Uri? proxy) => proxy is null ? "" : $" The request went through the proxy {Uris.Show(proxy)}.";

    /// <summary>Classifies the failure of a connection.</summary>
    // With a proxy, it is the proxy that cannot be reached: nothing is known about the server behind it.
    public static (string Id, ErrorCategory Category, string What, bool Transient) Classify(Exception exception, Uri? proxy)
    {
        (string Id, ErrorCategory Category, string What, bool Transient) failure = Classify(exception);
        if (proxy is null)
        {
            return failure;
        }

        string? what = failure.Id switch
        {
            "HttpNameNotResolved" => "has a host name that could not be resolved",
            "HttpConnectionRefused" => "refused the connection: nothing listens there",
            "HttpConnectionFailed" => "cannot be reached",
            _ => null,
        };
        return what is null
            ? failure with { What = failure.What + Through(proxy) }
            : ("HttpProxyFailed",
                ErrorCategory.ConnectionError,
                $"the proxy {Uris.Show(proxy)} {what}. Check -Proxy and the proxy of the environment, or use -NoProxy.",
                failure.Transient);
    }

    // A server that knows only HTTP/1.1 says so, or its answer looks to the client like a violation of HTTP/2 (RFC 9113, 7). If another
    // request finds this out while it opens the connection, the requests that wait for that connection only learn that there is none.
    private static bool LacksHttp2(HttpRequest request, Exception exception, bool asksForHttp2)
    {
        const int ProtocolError = 0x1;
        const int Http11Required = 0xd;
        return request.Uri.Scheme == Uri.UriSchemeHttp
            && (Inner<HttpProtocolException>(exception) is { ErrorCode: ProtocolError or Http11Required }
                || (asksForHttp2
                    && exception is HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown }));
    }

    // The server has ended the connection or the stream on its own initiative: it is shutting down or busy (RFC 9113, 7).
    private static bool IsClosedByServer(Exception exception)
    {
        const int NoError = 0x0;
        const int InternalError = 0x2;
        const int RefusedStream = 0x7;
        const int Cancel = 0x8;
        const int EnhanceYourCalm = 0xb;
        return Inner<HttpProtocolException>(exception) is { ErrorCode: NoError or InternalError or RefusedStream or Cancel
            or EnhanceYourCalm };
    }

    private static (string Id, ErrorCategory Category, string What, bool Transient) Classify(Exception exception)
    {
        HttpRequestError error = exception switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        SocketError? socket = Inner<SocketException>(exception)?.SocketErrorCode;
        return error switch
        {
            HttpRequestError.NameResolutionError
                => (
                    "HttpNameNotResolved",
                    ErrorCategory.ObjectNotFound,
                    "the host name could not be resolved. Check its spelling, and the DNS server.",
                    true),
            HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError
                when Inner<AuthenticationException>(exception) is { } tls
                => (
                    "HttpTlsFailed",
                    ErrorCategory.SecurityError,
                    $"no secure connection: {tls.Message} -SkipCertificateCheck accepts any certificate.",
                    false),
            HttpRequestError.SecureConnectionError
                => (
                    "HttpTlsFailed",
                    ErrorCategory.SecurityError,
                    "no secure connection: the server ended the handshake, or does not speak TLS on this port.",
                    true),
            HttpRequestError.VersionNegotiationError
                => (
                    "HttpVersionNotSupported",
                    ErrorCategory.ProtocolError,
                    "the server does not speak this version of HTTP. Try another -HttpVersion.",
                    false),
            HttpRequestError.ProxyTunnelError
                => (
                    "HttpProxyFailed",
                    ErrorCategory.ConnectionError,
                    "the proxy did not connect to the server. Check -Proxy, or use -NoProxy.",
                    false),
            HttpRequestError.UserAuthenticationError
                => ("HttpAuthenticationFailed", ErrorCategory.AuthenticationError, "the server did not accept the credentials.", false),
            HttpRequestError.ConfigurationLimitExceeded
                => ("HttpHeaderTooLarge", ErrorCategory.LimitsExceeded, "the headers of the response are larger than 64 KB.", false),
            HttpRequestError.ResponseEnded
                => ("HttpResponseEnded", ErrorCategory.ReadError, "the connection was closed before the response was complete.", true),
            HttpRequestError.HttpProtocolError when IsClosedByServer(exception)
                => (
                    "HttpConnectionReset",
                    ErrorCategory.ConnectionError,
                    "the server closed the connection while the request was under way.",
                    true),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                => ("HttpProtocolViolated", ErrorCategory.ProtocolError, "the server does not speak HTTP as it should.", false),
            _ when socket == SocketError.ConnectionRefused
                => (
                    "HttpConnectionRefused",
                    ErrorCategory.ConnectionError,
                    "the server refused the connection: nothing listens there.",
                    true),
            _
                when socket is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown
                    || exception is IOException
                    || exception.InnerException is IOException
                => (
                    "HttpConnectionReset",
                    ErrorCategory.ConnectionError,
                    "the connection was closed while the request was under way.",
                    true),
            HttpRequestError.ConnectionError
                => ("HttpConnectionFailed", ErrorCategory.ConnectionError, "the server cannot be reached.", true),
            _ when exception is HttpRequestException { InnerException: null }
                => (
                    "HttpProtocolViolated",
                    ErrorCategory.ProtocolError,
                    $"the server does not speak HTTP as it should: {exception.Message}",
                    false),
            _ when exception is InvalidDataException
                => ("HttpProtocolViolated", ErrorCategory.ProtocolError, "the body is not compressed as the server says.", false),
            _ => ("HttpFailed", ErrorCategory.NotSpecified, exception.Message, false),
        };
    }

    /// <summary>The first exception of a type among an exception and its causes, or null.</summary>
    public static T? Inner<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
            {
                return found;
            }
        }

        return null;
    }
}
