using System.Collections;
using System.Net;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http;
using AsyncPs.Http.Requests;

namespace AsyncPs.Commands;

/// <content>What is asked for.</content>
public abstract partial class HttpCommand
{
    /// <summary>The URIs to request: text, URIs, or with pipeline input a block that makes one of <c>$_</c>.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("Url")]
    [ValidateNotNullOrEmpty]
    public object[]? Uri { get; set; }

    /// <summary>The method. Default: that of the input object's property, or GET, or POST with a form.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Alias("CustomMethod")]
    [ArgumentCompleter(typeof(HttpMethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Method { get; set; }

    /// <summary>Headers: a dictionary, or with pipeline input a block that makes one of <c>$_</c>. Those of an input object go before them.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public object? Headers { get; set; }

    /// <summary>The body: text, bytes, a file, an XML document, fields of a form (of the query with GET), or with pipeline input a block that makes one of <c>$_</c>.</summary>
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

    /// <summary>What the requests call themselves. Default: AsyncPs.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? UserAgent { get; set; }

    private RequestTemplate CreateTemplate(HttpSession session) => new()
    {
        Uris = Uri,
        Method = Method,
        Headers = Headers,
        Body = Body,
        Form = Form,
        InFile = InFile,
        ContentType = ContentType,
        UserAgent = UserAgent ?? session.UserAgent,
        OutFile = OutFile,
        Authorization = Authentication switch
        {
            AuthenticationScheme.Basic => BasicAuthorization.Of(Credential!),
            AuthenticationScheme.Bearer or AuthenticationScheme.OAuth => "Bearer " + new NetworkCredential("", Token).Password,
            _ => null,
        },
        AllowsUnencryptedAuthentication = AllowUnencryptedAuthentication,
        SessionHeaders = session.Headers.Count > 0 ? session.Headers : null,
        ResolvePath = SessionState.Path.GetUnresolvedProviderPathFromPSPath,
    };
}
