namespace AsyncPs.Http.Requests;

/// <summary>
/// Makes checked requests from the user's arguments. Those of input objects are made on the pipeline thread, because blocks and
/// properties of objects belong to the caller's session.
/// </summary>
internal sealed class RequestBuilder(RequestTemplate template)
{
    private Header[]? _plainHeaders;
    private string? _plainContentType;

    /// <summary>Makes the request for a URI of the user or of an input object.</summary>
    /// <param name="uri">Text or a URI.</param>
    /// <param name="input">The input object.</param>
    /// <exception cref="HttpCallException">The request is not valid.</exception>
    public HttpRequest Build(object? uri, InputObject input)
    {
        Uri target = ParseUri(uri, out string userInfo);
        try
        {
            object? form = template.Form ?? input.Get("Form");
            string? methodName = template.Method ?? ArgumentText.Of(input.Get("Method"));
            HttpMethod method = methodName is not null ? Methods.Parse(methodName) : form is null ? HttpMethod.Get : HttpMethod.Post;
            object? ownHeaders = input.Get("Headers");
            string? contentType = template.ContentType ?? ArgumentText.Of(input.Get("ContentType"));
            MadeBody made = new(null, target, contentType);
            if (form is not null)
            {
                made = RequestBodies.OfForm(form, target);
            }
            else if (Body(input) is { } body)
            {
                made = RequestBodies.Of(body, method, target, contentType ?? ContentTypeIn(ownHeaders) ?? ContentTypeIn(template.Headers));
            }

            return new HttpRequest(made.Uri, method, CreateHeaders(target, input, ownHeaders, userInfo, made.ContentType))
            {
                Body = made.Body,
                OutFile = (template.OutFile ?? ArgumentText.Of(input.Get("OutFile"))) is { } file ? template.ResolvePath(file) : null,
            };
        }
        catch (Exception e)
            when (e is PSInvalidCastException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw HttpErrors.HttpRequestInvalid(target, e.Message, e);
        }
    }

    private static Uri ParseUri(object? value, out string userInfo)
    {
        value = PSObjectExtensions.UnwrapUnlessCustom(value);
        Uri? uri = value as Uri;
        if (uri is null && !System.Uri.TryCreate(ArgumentText.Of(value)?.Trim(), UriKind.Absolute, out uri))
        {
            throw HttpErrors.HttpUriInvalid(ArgumentText.Of(value) ?? "");
        }

        if (!uri.IsAbsoluteUri || (value is Uri && Uris.HasUnescaped(uri)))
        {
            throw HttpErrors.HttpUriInvalid(uri.OriginalString);
        }

        if (!Uris.HasSupportedScheme(uri))
        {
            throw HttpErrors.HttpSchemeNotSupported(uri);
        }

        userInfo = uri.UserInfo;
        return Uris.WithoutUserInfo(uri);
    }

    private static string? ContentTypeIn(object? headers)
        => RequestTemplate.IsBlock(headers) ? null : HeaderList.Find(HeaderList.Parse(headers), Header.ContentType);

    private object? Body(InputObject input)
        => template.Body is { } given ? input.Evaluate(given)
            : template.InFile is { } inFile ? new FileInfo(template.ResolvePath(inFile))
            : input.Get("Body");

    private Header[] CreateHeaders(Uri target, InputObject input, object? own, string userInfo, string? contentType)
    {
        Header? authorization = template.Authorization;
        if (authorization is not null && target.Scheme != System.Uri.UriSchemeHttps && !template.AllowsUnencryptedAuthentication)
        {
            throw HttpErrors.HttpAuthenticationUnencrypted(target);
        }

        if (authorization is null && userInfo.Length > 0)
        {
            authorization = new Header(BasicAuthorization.HeaderName, BasicAuthorization.OfUserInfo(userInfo));
        }

        if (own is null && userInfo.Length == 0 && !RequestTemplate.IsBlock(template.Headers))
        {
            // The most common case: the same headers every time.
            if (_plainHeaders is null || _plainContentType != contentType)
            {
                _plainHeaders = Merge([], contentType, authorization);
                _plainContentType = contentType;
            }

            return _plainHeaders;
        }

        List<Header> common = RequestTemplate.IsBlock(template.Headers) ? HeaderList.Parse(input.Evaluate(template.Headers)) : [];
        return Merge([.. HeaderList.Parse(own), .. common], contentType, authorization);
    }

    // The first source with a name wins, with all headers of that name.
    private Header[] Merge(List<Header> own, string? contentType, Header? authorization)
    {
        var headers = new List<Header>();
        if (contentType is not null)
        {
            headers.Add(new Header(Header.ContentType, contentType));
        }

        if (authorization is { } header)
        {
            headers.Add(header);
        }

        HeaderList.AddNew(headers, own);
        HeaderList.AddNew(headers, RequestTemplate.IsBlock(template.Headers) ? [] : HeaderList.Parse(template.Headers));
        HeaderList.AddNew(headers, template.SessionHeaders);
        HeaderList.AddNew(headers, [template.UserAgent]);
        return [.. headers];
    }
}
