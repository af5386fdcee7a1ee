using AsyncPs.Http.Requests;
using static AsyncPs.ErrorRecords;
using static AsyncPs.Http.HttpFailures;

namespace AsyncPs.Http;

/// <summary>The errors of requests.</summary>
internal static class HttpErrors
{
    /// <summary>An HTTP parameter that conflicts with another one, or has an invalid value.</summary>
    public static Exception HttpArgumentInvalid(string message, string id = "HttpArgumentInvalid")
        => new ConcurrentArgumentException(Create(message, id, ErrorCategory.InvalidArgument, null));

    /// <summary>An input object without a URI.</summary>
    public static HttpCallException HttpUriMissing()
        => new(
            "HttpUriMissing",
            ErrorCategory.InvalidData,
            "The input object has no URI. Add a property Uri, pipe in URIs, or use -Uri; a script block runs only as -ScriptBlock.",
            null);

    /// <summary>A block that makes part of a request has failed.</summary>
    public static HttpCallException HttpRequestBlockFailed(RuntimeException inner)
        => new(
            "HttpRequestBlockFailed",
            ErrorCategory.InvalidOperation,
            $"The block that makes part of the request failed: {inner.Message}",
            inner);

    /// <summary>Text that is not a URI.</summary>
    public static HttpCallException HttpUriInvalid(string text)
        => new(
            "HttpUriInvalid",
            ErrorCategory.InvalidArgument,
            $"'{Uris.Show(text)}' is not an absolute URI. Include the scheme and host: https://host/path.",
            null);

    /// <summary>A scheme other than http and https.</summary>
    public static HttpCallException HttpSchemeNotSupported(Uri uri)
        => Http("HttpSchemeNotSupported", ErrorCategory.InvalidArgument, uri, $"Only http and https can be requested, not '{uri.Scheme}'.");

    /// <summary>The arguments do not make a valid request.</summary>
    public static HttpCallException HttpRequestInvalid(Uri uri, string why, Exception? inner)
        => Http("HttpRequestInvalid", ErrorCategory.InvalidArgument, uri, $"The request to {Uris.Show(uri)} cannot be made: {why}", inner);

    /// <summary>Authentication without TLS.</summary>
    public static HttpCallException HttpAuthenticationUnencrypted(Uri uri)
        => Http(
            "HttpAuthenticationUnencrypted",
            ErrorCategory.SecurityError,
            uri,
            $"-Authentication would send its secret unencrypted to {Uris.Show(uri)}. Use https, "
                + "or -AllowUnencryptedAuthentication if that is what you want.");

    /// <summary>A response with an error status.</summary>
    public static HttpCallException HttpStatus(HttpRequest request, HttpResult response, TimeSpan? retryAfter)
        => new(
            "HttpStatus",
            StatusCategory(response.Status),
            $"{request}: {response.Status} {(response.ReasonPhrase.Length > 0 ? response.ReasonPhrase : response.StatusCode.ToString())}. "
                + "The response is in Exception.Response; -SkipHttpErrorCheck writes it like any other.",
            null)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = request.IsIdempotent && response.Status is 408 or 429 or 500 or 502 or 503 or 504,
            RetryAfter = retryAfter,
        };

    /// <summary>The headers did not arrive in time.</summary>
    public static HttpCallException HttpConnectionTimedOut(HttpRequest request, TimeSpan timeout, Uri? proxy)
        => new(
            "HttpTimeout",
            ErrorCategory.OperationTimeout,
            $"{request}: no response within {Duration(timeout)} (-ConnectionTimeoutSeconds).{Through(proxy)}",
            new TimeoutException())
        {
            Uri = request.Uri,
            IsTransient = request.IsIdempotent,
        };

    /// <summary>No more of a body arrived in time.</summary>
    public static HttpCallException HttpOperationTimedOut(HttpRequest request, TimeSpan timeout, HttpResult response)
        => new(
            "HttpTimeout",
            ErrorCategory.OperationTimeout,
            $"{request}: the response stopped for {Duration(timeout)} (-OperationTimeoutSeconds).",
            new TimeoutException())
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = request.IsIdempotent,
        };

    /// <summary>A body, line or event that is too large for memory.</summary>
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

    /// <summary>The requests of a call would hold too much memory. There may be room later.</summary>
    public static HttpCallException HttpMemoryExceeded(HttpRequest request, long maximum, HttpResult response)
        => new(
            "HttpMemoryExceeded",
            ErrorCategory.LimitsExceeded,
            $"{request}: the requests of this call would hold more than {maximum:N0} bytes in memory at once."
                + " Lower -ThrottleLimit, raise -MaximumTotalSize, or use -OutFile or -OutDirectory.",
            null)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = request.IsIdempotent,
        };

    /// <summary>A body that should be JSON and is not.</summary>
    public static HttpCallException HttpJsonInvalid(HttpRequest request, HttpResult response, Exception inner)
        => new("HttpJsonInvalid", ErrorCategory.ParserError, $"{request}: the body cannot be read as JSON. {inner.Message}", inner)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>Too many redirects.</summary>
    public static HttpCallException HttpTooManyRedirects(HttpRequest request, int maximum, HttpResult response)
        => new(
            "HttpTooManyRedirects",
            ErrorCategory.LimitsExceeded,
            $"{request}: more than {maximum} redirects. Raise -MaximumRedirection, or see where they lead with -MaximumRedirection 0 "
                + "-SkipHttpErrorCheck.",
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

    /// <summary>A block for the next page failed or returned no URI.</summary>
    public static HttpCallException HttpNextPageInvalid(HttpRequest request, string why, Exception? inner)
        => Http("HttpNextPageInvalid", ErrorCategory.InvalidResult, request.Uri, $"{request}: -NextPage {why}", inner);

    /// <summary>A next page that must not be requested.</summary>
    public static HttpCallException HttpNextPageInsecure(HttpRequest request, Uri next, HttpResult response)
        => new(
            "HttpRedirectInsecure",
            ErrorCategory.SecurityError,
            $"{request}: the next page is at {Uris.Show(next)}, which is not encrypted. -AllowInsecureRedirect requests it.",
            null)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>A partial response that does not reach the end of the content.</summary>
    public static HttpCallException HttpRangeIncomplete(HttpRequest request, long length, long total, HttpResult response)
        => new(
            "HttpResponseEnded",
            ErrorCategory.ReadError,
            $"{request}: the server sent only a part, up to {length:N0} of {total:N0} bytes. They are kept: "
                + "-Resume continues from there.",
            null)
        {
            Uri = request.Uri,
            Response = response,
            IsTransient = request.IsIdempotent,
        };

    /// <summary>A partial response that is larger or smaller than its Content-Range.</summary>
    public static HttpCallException HttpRangeViolated(HttpRequest request, HttpResult response)
        => new(
            "HttpProtocolViolated",
            ErrorCategory.ProtocolError,
            $"{request}: the server sent a different part of the content than its Content-Range says.",
            null)
        {
            Uri = request.Uri,
            Response = response,
        };

    /// <summary>A file that could not be written.</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">The file.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="kept">The file that holds the whole body; null if there is none.</param>
    public static HttpCallException HttpFileNotWritten(HttpRequest request, string path, Exception inner, string? kept)
        => Http(
            "HttpFileNotWritten",
            ErrorCategory.WriteError,
            request.Uri,
            $"{request}: '{path}' cannot be written. {inner.Message}{(kept is null ? "" : $" The whole body is in '{kept}'.")}",
            inner);

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
