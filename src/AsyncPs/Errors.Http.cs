using System.Net.Sockets;
using System.Security.Authentication;
using AsyncPs.Http;
using AsyncPs.Http.Requests;

namespace AsyncPs;

internal static partial class Errors
{
    /// <summary>Neither a block nor anything that names a URI.</summary>
    public static ErrorRecord NothingToRun()
        => Create(
            "There is nothing to run: pass a script block, or -Uri, or pipe in URIs or objects with a property Uri.",
            "NothingToRun",
            ErrorCategory.InvalidArgument,
            null);

    /// <summary>An HTTP parameter that does not go with another, or has a value it cannot have.</summary>
    public static Exception HttpArgumentInvalid(string message, string id = "HttpArgumentInvalid")
        => new ConcurrentArgumentException(Create(message, id, ErrorCategory.InvalidArgument, null));

    /// <summary>An input object without a URI.</summary>
    public static HttpCallException HttpUriMissing()
        => new(
            "HttpUriMissing",
            ErrorCategory.InvalidData,
            "The input object names no URI. Give it a property Uri, pipe in URIs, or pass -Uri; a script block runs only as -ScriptBlock.",
            null);

    /// <summary>A block that was to make a part of a request has failed.</summary>
    public static HttpCallException HttpRequestBlockFailed(RuntimeException inner)
        => new("HttpRequestBlockFailed", ErrorCategory.InvalidOperation, $"The block that makes a part of the request has failed: {inner.Message}", inner);

    /// <summary>Text that is no URI.</summary>
    public static HttpCallException HttpUriInvalid(string text)
        => new(
            "HttpUriInvalid",
            ErrorCategory.InvalidArgument,
            $"'{Uris.Show(text)}' is not an absolute URI. Write it with its scheme and host: https://host/path.",
            null);

    /// <summary>Another scheme than http and https.</summary>
    public static HttpCallException HttpSchemeNotSupported(Uri uri)
        => Http("HttpSchemeNotSupported", ErrorCategory.InvalidArgument, uri, $"Only http and https can be requested, not '{uri.Scheme}'.");

    /// <summary>A request that cannot be made of what was given.</summary>
    public static HttpCallException HttpRequestInvalid(Uri uri, string why, Exception? inner)
        => Http("HttpRequestInvalid", ErrorCategory.InvalidArgument, uri, $"The request to {Uris.Show(uri)} cannot be made: {why}", inner);

    /// <summary>Authentication asked for without TLS.</summary>
    public static HttpCallException HttpAuthenticationUnencrypted(Uri uri)
        => Http(
            "HttpAuthenticationUnencrypted",
            ErrorCategory.SecurityError,
            uri,
            $"-Authentication would send its secret unencrypted to {Uris.Show(uri)}. Use https, or -AllowUnencryptedAuthentication if that is what you want.");

    /// <summary>A response whose status says that the request failed.</summary>
    public static HttpCallException HttpStatus(HttpRequest request, HttpResult response, TimeSpan? retryAfter)
        => new(
            "HttpStatus",
            StatusCategory(response.Status),
            $"{request}: {response.Status} {(response.ReasonPhrase.Length > 0 ? response.ReasonPhrase : response.StatusCode.ToString())}. The response is in Exception.Response; -SkipHttpErrorCheck writes it as any other.",
            null)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = request.IsIdempotent && response.Status is 408 or 429 or 500 or 502 or 503 or 504,
            RetryAfter = retryAfter,
        };

    /// <summary>No headers in time.</summary>
    public static HttpCallException HttpConnectionTimedOut(HttpRequest request, TimeSpan timeout)
        => new(
            "HttpTimeout",
            ErrorCategory.OperationTimeout,
            $"{request}: no response within {Duration(timeout)} (-ConnectionTimeoutSeconds).",
            new TimeoutException())
        {
            Uri = request.Uri,
            IsTransient = request.IsIdempotent,
        };

    /// <summary>Nothing more of a body in time.</summary>
    public static HttpCallException HttpOperationTimedOut(HttpRequest request, TimeSpan timeout, HttpResult response, bool mayRepeat)
        => new(
            "HttpTimeout",
            ErrorCategory.OperationTimeout,
            $"{request}: the response stopped for {Duration(timeout)} (-OperationTimeoutSeconds).",
            new TimeoutException())
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = mayRepeat && request.IsIdempotent,
            MayRepeat = mayRepeat,
        };

    /// <summary>A body, line or event beyond what may be in memory.</summary>
    public static HttpCallException HttpResponseTooLarge(HttpRequest request, long maximum, HttpResult response, string what = "body")
        => new(
            "HttpResponseTooLarge",
            ErrorCategory.LimitsExceeded,
            $"{request}: the {what} is larger than {maximum:N0} bytes. Raise -MaximumResponseSize, or use -OutFile or -OutDirectory.",
            null)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>A body that should be JSON and is not.</summary>
    public static HttpCallException HttpJsonInvalid(HttpRequest request, HttpResult response, Exception inner)
        => new("HttpJsonInvalid", ErrorCategory.ParserError, $"{request}: the body is not the JSON it should be. {inner.Message}", inner)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>One redirect too many.</summary>
    public static HttpCallException HttpTooManyRedirects(HttpRequest request, int maximum, HttpResult response)
        => new(
            "HttpTooManyRedirects",
            ErrorCategory.LimitsExceeded,
            $"{request}: more than {maximum} redirects. Raise -MaximumRedirection, or look where they lead with -MaximumRedirection 0 -SkipHttpErrorCheck.",
            null)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>A redirect that must not be followed.</summary>
    public static HttpCallException HttpRedirectRefused(HttpRequest request, Uri location, HttpResult response)
        => new(
            Uris.HasSupportedScheme(location) ? "HttpRedirectInsecure" : "HttpSchemeNotSupported",
            ErrorCategory.SecurityError,
            Uris.HasSupportedScheme(location)
                ? $"{request} redirects to {Uris.Show(location)}, which is not encrypted. -AllowInsecureRedirect follows it."
                : $"{request} redirects to a URI of the scheme '{location.Scheme}'; only http and https are followed.",
            null)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>A block for the next page that failed or gave no URI.</summary>
    public static HttpCallException HttpNextPageInvalid(HttpRequest request, string why, Exception? inner)
        => Http("HttpNextPageInvalid", ErrorCategory.InvalidResult, request.Uri, $"{request}: -NextPage {why}", inner);

    /// <summary>A file that could not be written.</summary>
    public static HttpCallException HttpFileNotWritten(HttpRequest request, string path, Exception inner)
        => Http("HttpFileNotWritten", ErrorCategory.WriteError, request.Uri, $"{request}: '{path}' cannot be written. {inner.Message}", inner);

    /// <summary>What went wrong between here and the server.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exception">What the connection threw.</param>
    /// <param name="response">What had arrived, or null.</param>
    /// <param name="mayRepeat">Whether nothing of the response has been handed on.</param>
    /// <param name="asksForHttp2">Whether the request was for no other version than HTTP/2.</param>
    public static HttpCallException HttpFailed(HttpRequest request, Exception exception, HttpResult? response, bool mayRepeat = true, bool asksForHttp2 = false)
    {
        (string id, ErrorCategory category, string what, bool transient) = response is null && LacksHttp2(request, exception, asksForHttp2)
            ? ("HttpVersionNotSupported", ErrorCategory.ProtocolError, "what answers there does not speak HTTP/2. Without TLS the server must know the version asked for: try -HttpVersion 1.1.", false)
            : Classify(exception);
        return new HttpCallException(id, category, $"{request}: {what}", exception)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = transient && mayRepeat && request.IsIdempotent,
            MayRepeat = mayRepeat,
        };
    }

    // What knows only HTTP/1.1 says so, or what it says is to the client a violation of HTTP/2 (RFC 9113, 7). Those who wait for a
    // connection that another request has found out about are told no more than that there is none.
    private static bool LacksHttp2(HttpRequest request, Exception exception, bool asksForHttp2)
    {
        const int ProtocolError = 0x1;
        const int Http11Required = 0xd;
        return request.Uri.Scheme == Uri.UriSchemeHttp
            && (Inner<HttpProtocolException>(exception) is { ErrorCode: ProtocolError or Http11Required }
                || (asksForHttp2 && exception is HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown }));
    }

    // The server has ended the connection or the stream, for reasons that are not the request's: it closes down, or is busy (RFC 9113, 7).
    private static bool IsClosedByServer(Exception exception)
    {
        const int NoError = 0x0;
        const int InternalError = 0x2;
        const int RefusedStream = 0x7;
        const int Cancel = 0x8;
        const int EnhanceYourCalm = 0xb;
        return Inner<HttpProtocolException>(exception) is { ErrorCode: NoError or InternalError or RefusedStream or Cancel or EnhanceYourCalm };
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
                => ("HttpNameNotResolved", ErrorCategory.ObjectNotFound, "the host name could not be resolved. Check its spelling, and the DNS server.", true),
            HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError when Inner<AuthenticationException>(exception) is { } tls
                => ("HttpTlsFailed", ErrorCategory.SecurityError, $"no secure connection: {tls.Message} -SkipCertificateCheck takes any certificate.", false),
            HttpRequestError.SecureConnectionError
                => ("HttpTlsFailed", ErrorCategory.SecurityError, "no secure connection: the server ended the handshake, or does not speak TLS on this port.", true),
            HttpRequestError.VersionNegotiationError
                => ("HttpVersionNotSupported", ErrorCategory.ProtocolError, "the server does not speak this version of HTTP. Try another -HttpVersion.", false),
            HttpRequestError.ProxyTunnelError
                => ("HttpProxyFailed", ErrorCategory.ConnectionError, "the proxy did not connect to the server. Check -Proxy, or use -NoProxy.", false),
            HttpRequestError.UserAuthenticationError
                => ("HttpAuthenticationFailed", ErrorCategory.AuthenticationError, "the server did not accept the credentials.", false),
            HttpRequestError.ConfigurationLimitExceeded
                => ("HttpHeaderTooLarge", ErrorCategory.LimitsExceeded, "the headers of the response are larger than 64 KB.", false),
            HttpRequestError.ResponseEnded
                => ("HttpResponseEnded", ErrorCategory.ReadError, "the connection was closed before the response was complete.", true),
            HttpRequestError.HttpProtocolError when IsClosedByServer(exception)
                => ("HttpConnectionReset", ErrorCategory.ConnectionError, "the server closed the connection while the request was under way.", true),
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                => ("HttpProtocolViolated", ErrorCategory.ProtocolError, "the server does not speak HTTP as it should.", false),
            _ when socket == SocketError.ConnectionRefused
                => ("HttpConnectionRefused", ErrorCategory.ConnectionError, "the server refused the connection: nothing listens there.", true),
            _ when socket is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown || exception is IOException || exception.InnerException is IOException
                => ("HttpConnectionReset", ErrorCategory.ConnectionError, "the connection was closed while the request was under way.", true),
            HttpRequestError.ConnectionError
                => ("HttpConnectionFailed", ErrorCategory.ConnectionError, "the server cannot be reached.", true),
            _ when exception is HttpRequestException { InnerException: null }
                => ("HttpProtocolViolated", ErrorCategory.ProtocolError, $"the server does not speak HTTP as it should: {exception.Message}", false),
            _ when exception is InvalidDataException
                => ("HttpProtocolViolated", ErrorCategory.ProtocolError, "the body is not compressed as the server says.", false),
            _ => ("HttpFailed", ErrorCategory.NotSpecified, exception.Message, false),
        };
    }

    private static T? Inner<T>(Exception? exception)
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

    private static ErrorCategory StatusCategory(int status) => status switch
    {
        401 or 407 => ErrorCategory.AuthenticationError,
        403 => ErrorCategory.PermissionDenied,
        404 or 410 => ErrorCategory.ObjectNotFound,
        408 or 504 => ErrorCategory.OperationTimeout,
        429 => ErrorCategory.LimitsExceeded,
        >= 400 and < 500 => ErrorCategory.InvalidOperation,
        >= 500 => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.InvalidResult,
    };

    private static HttpCallException Http(string id, ErrorCategory category, Uri uri, string message, Exception? inner = null)
        => new(id, category, message, inner) { Uri = uri };
}
