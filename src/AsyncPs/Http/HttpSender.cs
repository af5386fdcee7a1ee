using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Requests;

namespace AsyncPs.Http;

/// <summary>
/// Sends the requests of a call, follows redirects and keeps cookies. Redirects are followed here because credentials and client
/// certificates that the user meant for one host must not reach another.
/// </summary>
internal sealed class HttpSender : IDisposable
{
    private const string CookieName = "Cookie";

    private readonly HttpCallOptions _options;
    private readonly HttpConnectionPool _pool;
    private readonly HttpConnectionLease _named;
    private readonly object _lock = new();
    private HttpConnectionLease? _others;

    /// <summary>Takes connections from a pool.</summary>
    public HttpSender(HttpCallOptions options, HttpConnectionPool pool)
    {
        _options = options;
        _pool = pool;
        _named = pool.Rent(options.Connections);
    }

    /// <summary>Sends a request and follows its redirects.</summary>
    /// <param name="request">The request.</param>
    /// <param name="item">The item that it is for.</param>
    /// <param name="named">The URI that the user named. Other hosts get only the headers that may be sent to any host.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response, whose body is not read yet, and the request that it answers.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(HttpResponseMessage Response, HttpRequest Last)> SendAsync(
        HttpRequest request,
        WorkItem item,
        Uri named,
        CancellationToken cancellationToken)
    {
        for (int redirects = 0; ; redirects++)
        {
            HttpResponseMessage response;

            // Disposed with the response, which refers to it.
            TrackedRequest message = CreateMessage(request, item);
            try
            {
                HttpMessageInvoker invoker = ReferenceEquals(request.Uri, named) || Uris.IsSameOrigin(named, request.Uri)
                    ? _named.Invoker
                    : Others();
                message.NoteBegin();
                response = await invoker.SendAsync(message, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                message.Content?.Dispose();
            }

            try
            {
                KeepCookies(response, request.Uri);
                if (_options.MaximumRedirection == 0 || !IsRedirect(response, request.Uri, out Uri? location))
                {
                    return (response, request);
                }

                if (!Uris.HasSupportedScheme(location) || (Uris.LosesEncryption(request.Uri, location) && !_options.AllowsInsecureRedirect))
                {
                    throw HttpErrors.HttpRedirectRefused(request, location, new HttpResult(response, request.Uri, request.Uri, null));
                }

                if (redirects == _options.MaximumRedirection)
                {
                    throw HttpErrors.HttpTooManyRedirects(request, redirects, new HttpResult(response, request.Uri, request.Uri, null));
                }

                request = request.Redirect(response.StatusCode, location, _options.KeepsMethodOnRedirect);
            }
            catch
            {
                response.Dispose();
                throw;
            }

            response.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _named.Dispose();
        lock (_lock)
        {
            _others?.Dispose();
        }
    }

    private static bool IsRedirect(HttpResponseMessage response, Uri source, [NotNullWhen(true)] out Uri? location)
    {
        location = null;
        if (response.StatusCode is not (HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found
            or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || !response.Headers.NonValidated.TryGetValues("Location", out HeaderStringValues values)
            || !Uri.TryCreate(source, values.ToString(), out location))
        {
            return false;
        }

        location = Uris.WithoutUserInfo(location);
        return true;
    }

    private HttpMessageInvoker Others()
    {
        lock (_lock)
        {
            return (_others ??= _pool.Rent(_options.Connections.ForOthers)).Invoker;
        }
    }

    private TrackedRequest CreateMessage(HttpRequest request, WorkItem item)
    {
        var message = new TrackedRequest(request.Method, request.Uri, item)
        {
            Version = _options.Version,

            // Without TLS the version cannot be negotiated: the server has to support HTTP/2.
            VersionPolicy = _options.Version.Major >= 2 && request.Uri.Scheme == Uri.UriSchemeHttp
                ? HttpVersionPolicy.RequestVersionExact
                : HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Content = request.Body?.CreateContent() is { } body ? new TrackedContent(body, message)
            : NeedsContent(request) ? new ByteArrayContent([])
            : null;
        bool hasCookies = false;
        foreach (Header header in request.Headers)
        {
            if (header.Is(CookieName) && _options.Cookies.Count > 0)
            {
                hasCookies = true;
                AddCookies(message, request.Uri, header.WireValue);
            }
            else if (header.Is("Transfer-Encoding"))
            {
                // Without a body there is nothing to encode.
                message.Headers.TransferEncodingChunked = request.Body is not null ? true : null;
            }
            else if (!message.Headers.TryAddWithoutValidation(header.Name, header.WireValue) && message.Content is { } content)
            {
                content.Headers.Remove(header.Name);
                content.Headers.TryAddWithoutValidation(header.Name, header.WireValue);
            }
        }

        if (!hasCookies && _options.Cookies.Count > 0)
        {
            AddCookies(message, request.Uri, "");
        }

        RequestSignals.Propagate(message);
        return message;
    }

    // .NET keeps these headers with the body, even when they are sent without one.
    private static bool NeedsContent(HttpRequest request)
    {
        foreach (Header header in request.Headers)
        {
            if (header.IsOfContent)
            {
                return true;
            }
        }

        return false;
    }

    private void AddCookies(HttpRequestMessage message, Uri uri, string own)
    {
        string kept = Header.CookieWireValue(_options.Cookies.GetCookieHeader(uri));
        string all = own.Length > 0 && kept.Length > 0 ? own + "; " + kept : own + kept;
        if (all.Length > 0)
        {
            message.Headers.TryAddWithoutValidation(CookieName, all);
        }
    }

    private void KeepCookies(HttpResponseMessage response, Uri uri)
    {
        if (!response.Headers.NonValidated.TryGetValues("Set-Cookie", out HeaderStringValues values))
        {
            return;
        }

        foreach (string value in values)
        {
            try
            {
                _options.Cookies.SetCookies(uri, value);
            }
            catch (CookieException)
            {
                // Browsers also ignore an invalid cookie.
            }
        }
    }
}
