namespace AsyncPs.Http.Requests;

/// <summary>Makes the request for the next page from the result of the caller's block.</summary>
internal static class NextPageRequest
{
    /// <summary>The request for the next page, or null.</summary>
    /// <param name="request">The request for this page.</param>
    /// <param name="source">The URI of this page, to which the next may be relative.</param>
    /// <param name="answer">The result of the block: a URI, fields that differ from this request, or nothing at the end.</param>
    /// <exception cref="HttpCallException">It is none of these.</exception>
    public static HttpRequest? Make(HttpRequest request, Uri source, object? answer)
    {
        if (PSObjectExtensions.UnwrapUnlessCustom(answer) is null or "")
        {
            return null;
        }

        var fields = new InputObject(answer);
        if (RequestTemplate.AsFields(answer) is null && fields.Uri is null)
        {
            throw HttpErrors.HttpNextPageInvalid(
                request,
                "must return a URI, or a hashtable with Uri, Method, Headers, Body or ContentType; or nothing after the last page.",
                null);
        }

        try
        {
            HttpRequest next = fields.Uri is null ? request : request.For(ParseUri(request, source, fields.Uri));
            next = ArgumentText.Of(fields.Get("Method")) is { } name ? next with { Method = Methods.Parse(name) } : next;
            string? contentType = ArgumentText.Of(fields.Get("ContentType")) ?? HeaderList.Find(next.Headers, Header.ContentType);
            if (fields.Get("Body") is { } body)
            {
                contentType = next.Body is FileBody && contentType == RequestBodies.MediaTypeOfFiles ? null : contentType;
                MadeBody made = RequestBodies.Of(body, next.Method, next.Uri, contentType);
                contentType = made.ContentType;
                next = next with { Body = made.Body, Uri = made.Uri };
            }

            List<Header> headers = HeaderList.Parse(fields.Get("Headers"));
            if (contentType is not null)
            {
                headers.Insert(0, new Header(Header.ContentType, contentType));
            }

            HeaderList.AddNew(headers, next.Headers);
            return next with { Headers = headers };
        }
        catch (Exception e) when (e is PSInvalidCastException or FormatException or ArgumentException or IOException)
        {
            throw HttpErrors.HttpNextPageInvalid(request, "returned a value that cannot be sent: " + e.Message, e);
        }
    }

    private static Uri ParseUri(HttpRequest request, Uri source, object given)
        => Uri.TryCreate(source, ArgumentText.Of(given), out Uri? uri) && Uris.HasSupportedScheme(uri)
            ? Uris.WithoutUserInfo(uri)
            : throw HttpErrors.HttpNextPageInvalid(request, "returned a URI that is neither http nor https.", null);
}
