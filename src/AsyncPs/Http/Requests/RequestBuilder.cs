using System.Collections;
using System.Globalization;
using System.Text;

namespace AsyncPs.Http.Requests;

/// <summary>Makes checked requests of what the user gave. Those of input objects on the pipeline thread: blocks and properties of objects belong to the caller's session.</summary>
internal sealed class RequestBuilder(RequestTemplate template)
{
    private const string DefaultUserAgent = "AsyncPs";
    private const string ContentTypeName = "Content-Type";
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string MediaTypeOfFiles = "application/octet-stream";

    private static readonly Dictionary<string, HttpMethod> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Default"] = HttpMethod.Get,
        ["GET"] = HttpMethod.Get,
        ["HEAD"] = HttpMethod.Head,
        ["POST"] = HttpMethod.Post,
        ["PUT"] = HttpMethod.Put,
        ["DELETE"] = HttpMethod.Delete,
        ["PATCH"] = HttpMethod.Patch,
        ["OPTIONS"] = HttpMethod.Options,
        ["TRACE"] = HttpMethod.Trace,
    };

    private readonly string _userAgent = template.UserAgent ?? DefaultUserAgent;
    private IReadOnlyList<Header>? _plainHeaders;
    private string? _plainContentType;

    /// <summary>The request for a URI that an object, or the user, gave.</summary>
    /// <param name="uri">Text or a URI.</param>
    /// <param name="input">The object.</param>
    /// <exception cref="HttpCallException">It cannot be sent as it is.</exception>
    public HttpRequest Build(object? uri, InputObject input)
    {
        Uri target = ParseUri(uri, out string userInfo);
        try
        {
            object? form = template.Form ?? input.Get("Form");
            string? methodName = template.Method ?? Text(input.Get("Method"));
            HttpMethod method = methodName is not null ? ParseMethod(methodName) : form is null ? HttpMethod.Get : HttpMethod.Post;
            string? contentType = template.ContentType ?? Text(input.Get("ContentType"));
            object? body = template.Body is { } given ? input.Evaluate(given)
                : template.InFile is { } inFile ? new FileInfo(template.ResolvePath(inFile))
                : input.Get("Body");
            if (body is not null)
            {
                contentType ??= ContentTypeIn(input.Get("Headers")) ?? ContentTypeIn(template.Headers);
            }

            RequestBody? content = form is null && body is null ? null : CreateBody(form, body, method, ref target, ref contentType);
            return new HttpRequest(target, method, CreateHeaders(target, input, userInfo, content is null ? null : contentType))
            {
                Body = content,
                OutFile = (template.OutFile ?? Text(input.Get("OutFile"))) is { } file ? template.ResolvePath(file) : null,
            };
        }
        catch (Exception e) when (e is PSInvalidCastException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw Errors.HttpRequestInvalid(target, e.Message, e);
        }
    }

    /// <summary>The request for the next page, or null.</summary>
    /// <param name="request">The request for this one.</param>
    /// <param name="source">The URI of this one, to which a relative one belongs.</param>
    /// <param name="answer">What the user's block has found: a URI, or fields that differ from this request; nothing at the end.</param>
    /// <exception cref="HttpCallException">It is none of these.</exception>
    public static HttpRequest? Next(HttpRequest request, Uri source, object? answer)
    {
        if (Wrapping.UnwrapUnlessCustom(answer) is null or "")
        {
            return null;
        }

        var fields = new InputObject(answer);
        if (RequestTemplate.AsFields(answer) is null && fields.Uri is null)
        {
            throw Errors.HttpNextPageInvalid(request, "must give a URI, or a hashtable with Uri, Method, Headers, Body or ContentType; or nothing after the last page.", null);
        }

        Uri uri = request.Uri;
        if (fields.Uri is not null && !(System.Uri.TryCreate(source, Text(fields.Uri), out uri!) && Uris.HasSupportedScheme(uri)))
        {
            throw Errors.HttpNextPageInvalid(request, "has given what is no http or https URI.", null);
        }

        HttpRequest next = fields.Uri is null ? request : request.For(Uris.WithoutUserInfo(uri));
        try
        {
            next = Text(fields.Get("Method")) is { } name ? next with { Method = ParseMethod(name) } : next;
            List<Header> headers = ParseHeaders(fields.Get("Headers"));
            string? contentType = Text(fields.Get("ContentType")) ?? next.Headers.FirstOrDefault(h => h.Name == ContentTypeName).Value;
            if (fields.Get("Body") is { } body)
            {
                contentType = next.Body is FileBody && contentType == MediaTypeOfFiles ? null : contentType;
                next = next with { Body = CreateBody(null, body, next.Method, ref uri, ref contentType) };
                next = uri == next.Uri || next.Body is not null ? next : next with { Uri = uri };
            }

            if (contentType is not null)
            {
                headers.Insert(0, new Header(ContentTypeName, contentType));
            }

            AddNew(headers, next.Headers);
            return next with { Headers = headers };
        }
        catch (Exception e) when (e is PSInvalidCastException or FormatException or ArgumentException or IOException)
        {
            throw Errors.HttpNextPageInvalid(request, "has given what cannot be sent: " + e.Message, e);
        }
    }

    /// <summary>Reads headers: fields, JSON, or a line a header.</summary>
    public static List<Header> ParseHeaders(object? value)
    {
        var headers = new List<Header>();
        if (RequestTemplate.AsFields(value) is { } fields)
        {
            foreach (DictionaryEntry field in fields)
            {
                Add(headers, Text(field.Key)!, field.Value);
            }
        }
        else if (value is PSObject { BaseObject: PSCustomObject } rich)
        {
            foreach (PSPropertyInfo property in rich.Properties)
            {
                Add(headers, property.Name, property.Value);
            }
        }
        else if (Text(value) is { Length: > 0 } text)
        {
            return text.TrimStart().StartsWith('{') ? ParseHeaders(Json.JsonObjects.Parse(Encoding.UTF8.GetBytes(text)).Value) : ParseLines(text);
        }

        return headers;
    }

    private static List<Header> ParseLines(string text)
    {
        var headers = new List<Header>();
        foreach (string line in text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new FormatException("A header is written as 'Name: value', one a line, or all of them as JSON.");
            }

            Add(headers, line[..colon].Trim(), line[(colon + 1)..].Trim());
        }

        return headers;
    }

    private static void Add(List<Header> headers, string name, object? value)
    {
        if (Wrapping.UnwrapUnlessCustom(value) is IEnumerable several and not string and not IDictionary)
        {
            foreach (object? one in several)
            {
                Add(headers, name, one);
            }

            return;
        }

        string text = Text(value) ?? "";
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)) || text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
        {
            throw new FormatException($"The header '{(name.Length > 50 ? name[..50] : name).ReplaceLineEndings(" ")}' has characters that a header cannot have.");
        }

        // Its value follows from the body.
        if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
        {
            headers.Add(new Header(name, text));
        }
    }

    private static Uri ParseUri(object? value, out string userInfo)
    {
        value = Wrapping.UnwrapUnlessCustom(value);
        Uri? uri = value as Uri;
        if (uri is null && !System.Uri.TryCreate(Text(value)?.Trim(), UriKind.Absolute, out uri))
        {
            throw Errors.HttpUriInvalid(Text(value) ?? "");
        }

        if (!uri.IsAbsoluteUri)
        {
            throw Errors.HttpUriInvalid(uri.OriginalString);
        }

        if (!Uris.HasSupportedScheme(uri))
        {
            throw Errors.HttpSchemeNotSupported(uri);
        }

        userInfo = uri.UserInfo;
        return Uris.WithoutUserInfo(uri);
    }

    private static HttpMethod ParseMethod(string name)
        => Methods.TryGetValue(name, out HttpMethod? known) ? known : new HttpMethod(name.ToUpperInvariant());

    private IReadOnlyList<Header> CreateHeaders(Uri target, InputObject input, string userInfo, string? contentType)
    {
        string? authorization = template.Authorization;
        if (authorization is not null && target.Scheme != System.Uri.UriSchemeHttps && !template.AllowsUnencryptedAuthentication)
        {
            throw Errors.HttpAuthenticationUnencrypted(target);
        }

        if (authorization is null && userInfo.Length > 0)
        {
            authorization = BasicAuthorization.OfUserInfo(userInfo);
        }

        object? own = input.Get("Headers");
        if (own is null && userInfo.Length == 0 && !RequestTemplate.IsBlock(template.Headers))
        {
            // As for most calls: the same headers every time.
            if (_plainHeaders is null || _plainContentType != contentType)
            {
                _plainHeaders = Merge([], contentType, authorization);
                _plainContentType = contentType;
            }

            return _plainHeaders;
        }

        List<Header> common = RequestTemplate.IsBlock(template.Headers) ? ParseHeaders(input.Evaluate(template.Headers)) : [];
        return Merge([.. ParseHeaders(own), .. common], contentType, authorization);
    }

    // The first of a name counts, together with its fellows from the same source.
    private Header[] Merge(List<Header> own, string? contentType, string? authorization)
    {
        var headers = new List<Header>();
        if (contentType is not null)
        {
            headers.Add(new Header(ContentTypeName, contentType));
        }

        if (authorization is not null)
        {
            headers.Add(new Header(BasicAuthorization.HeaderName, authorization));
        }

        AddNew(headers, own);
        AddNew(headers, RequestTemplate.IsBlock(template.Headers) ? [] : ParseHeaders(template.Headers));
        AddNew(headers, template.SessionHeaders?.Select(h => new Header(h.Key, h.Value)) ?? []);
        AddNew(headers, [new Header("User-Agent", _userAgent)]);
        return [.. headers];
    }

    private static string? ContentTypeIn(object? headers)
        => RequestTemplate.IsBlock(headers) ? null : ParseHeaders(headers).Find(static h => h.Name.Equals(ContentTypeName, StringComparison.OrdinalIgnoreCase)).Value;

    private static void AddNew(List<Header> headers, IEnumerable<Header> more)
    {
        Header[] added = [.. more.Where(m => !headers.Exists(h => h.Name.Equals(m.Name, StringComparison.OrdinalIgnoreCase)))];
        headers.AddRange(added);
    }

    private static RequestBody? CreateBody(object? form, object? body, HttpMethod method, ref Uri target, ref string? contentType)
    {
        if (form is not null)
        {
            // The content has the boundary, so the media type is its own.
            contentType = null;
            return new FormBody([.. FormFields(RequestTemplate.AsFields(form) ?? throw new FormatException("-Form takes a dictionary: names and values."))]);
        }

        switch (Wrapping.UnwrapUnlessCustom(body))
        {
            case byte[] bytes:
                return new MemoryBody(bytes);
            case FileInfo file:
                contentType ??= MediaTypeOfFiles;
                return new FileBody(file.FullName);
            case IDictionary fields when method == HttpMethod.Get:
                target = WithQuery(target, Encode(fields));
                return null;
            case IDictionary fields:
                contentType ??= UrlEncoded;
                return new MemoryBody(Encoding.UTF8.GetBytes(Encode(fields)));
            case System.Xml.XmlDocument document:
                return new MemoryBody(Encoding.UTF8.GetBytes(document.OuterXml));
            default:
                contentType ??= method == HttpMethod.Post ? UrlEncoded : null;
                return new MemoryBody(Responses.Charsets.OfMediaType(contentType, Encoding.UTF8).GetBytes(Text(body) ?? ""));
        }
    }

    private static IEnumerable<FormField> FormFields(IDictionary form)
    {
        foreach (DictionaryEntry entry in form)
        {
            object? value = Wrapping.UnwrapUnlessCustom(entry.Value);
            IEnumerable values = value is IEnumerable several and not string ? several : new[] { value };
            foreach (object? one in values)
            {
                yield return Wrapping.UnwrapUnlessCustom(one) is FileInfo file
                    ? new FormField(Text(entry.Key)!, null, file.FullName)
                    : new FormField(Text(entry.Key)!, Text(one), null);
            }
        }
    }

    private static Uri WithQuery(Uri uri, string query)
    {
        var builder = new UriBuilder(uri);
        builder.Query = builder.Query.Length > 1 ? builder.Query + "&" + query : query;
        return builder.Uri;
    }

    private static string Encode(IDictionary fields)
    {
        var text = new StringBuilder();
        foreach (DictionaryEntry field in fields)
        {
            text.Append(text.Length > 0 ? "&" : "")
                .Append(System.Uri.EscapeDataString(Text(field.Key) ?? ""))
                .Append('=')
                .Append(System.Uri.EscapeDataString(Text(field.Value) ?? ""));
        }

        return text.ToString();
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        _ => (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture),
    };
}
