using System.Collections;
using System.Net;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http;
using AsyncPs.Http.Requests;

namespace AsyncPs.Commands.Base;

/// <content>The parameters of the request.</content>
public abstract partial class HttpCommand
{
    /// <summary>The URIs to request: text, URIs, or with pipeline input a block that returns one for <c>$_</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("Url")]
    [ValidateNotNullOrEmpty]
    public object[]? Uri { get; set; }

    /// <summary>The HTTP method. Default: the input object's property, or GET, or POST with a form.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("CustomMethod")]
    [ArgumentCompleter(typeof(HttpMethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Method { get; set; }

    /// <summary>
    /// Headers: a dictionary, or with pipeline input a block that returns one for <c>$_</c>. Headers of an input object take precedence.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    public object? Headers { get; set; }

    /// <summary>
    /// The body: text, bytes, a file, an XML document, fields of a form (of the query with GET), or with pipeline input a block that
    /// returns one of these for <c>$_</c>.
    /// </summary>
    [Parameter(ParameterSetName = UriSet)]
    public object? Body { get; set; }

    /// <summary>The fields of a form with files (multipart/form-data).</summary>
    [Parameter(ParameterSetName = UriSet)]
    public IDictionary? Form { get; set; }

    /// <summary>The file whose content is the body.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? InFile { get; set; }

    /// <summary>The media type of the body.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ArgumentCompleter(typeof(MediaTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>The User-Agent header. Default: AsyncPs.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? UserAgent { get; set; }

    private RequestTemplate CreateTemplate(HttpSession session)
    {
        var template = new RequestTemplate
        {
            Uris = Uri,
            Method = Method,
            Headers = Headers,
            Body = Body,
            Form = Form,
            InFile = InFile,
            ContentType = ContentType,
            OutFile = OutFile,
            Authorization = CreateAuthorization(),
            AllowsUnencryptedAuthentication = AllowUnencryptedAuthentication,
            SessionHeaders = Checked(nameof(WebSession), () => HeaderList.Parse(session.Headers)),
            ResolvePath = SessionState.Path.GetUnresolvedProviderPathFromPSPath,
        };

        // Each request parses them again, because an input object may have its own. Here they are only checked.
        Checked(nameof(Headers), () => HeaderList.Parse(RequestTemplate.IsBlock(Headers) ? null : Headers));
        Checked(nameof(ContentType), () => new Header(Header.ContentType, ContentType ?? ""));
        return UserAgent is not null ? template with { UserAgent = CreateUserAgent(nameof(UserAgent), UserAgent) }
            : session.UserAgent is { Length: > 0 } own ? template with { UserAgent = CreateUserAgent(nameof(WebSession), own) }
            : template;
    }

    private Header? CreateAuthorization() => Authentication switch
    {
        AuthenticationScheme.Basic => new Header(BasicAuthorization.HeaderName, BasicAuthorization.Of(Credential!)),
        AuthenticationScheme.Bearer or AuthenticationScheme.OAuth
            => Checked(
                nameof(Token),
                () => new Header(BasicAuthorization.HeaderName, "Bearer " + new NetworkCredential("", Token).Password)),
        _ => null,
    };

    private static Header CreateUserAgent(string parameter, string value) => Checked(parameter, () => new Header("User-Agent", value));

    private static T Checked<T>(string parameter, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (FormatException e)
        {
            throw HttpErrors.HttpArgumentInvalid($"-{parameter}: {e.Message}");
        }
    }
}
