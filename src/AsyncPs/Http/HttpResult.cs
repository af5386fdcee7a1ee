using System.Net;
using System.Net.Http.Headers;
using AsyncPs.Http.Paging;

namespace AsyncPs.Http;

/// <summary>A response that was read to its end.</summary>
public sealed class HttpResult
{
    private static readonly byte[] Nothing = [];

    private readonly HttpResponseHeaders _headers;
    private readonly HttpContentHeaders _contentHeaders;
    private Dictionary<string, string[]>? _allHeaders;
    private Dictionary<string, Uri>? _links;
    private string? _content;

    internal HttpResult(HttpResponseMessage response, Uri uri, Uri finalUri, byte[]? body)
    {
        _headers = response.Headers;
        _contentHeaders = response.Content.Headers;
        StatusCode = response.StatusCode;
        ReasonPhrase = response.ReasonPhrase ?? "";
        HttpVersion = response.Version;
        Method = response.RequestMessage?.Method.Method ?? "";
        Uri = uri;
        FinalUri = finalUri;
        RawContent = body ?? Nothing;
    }

    /// <summary>The requested URI, without user name and password.</summary>
    public Uri Uri { get; }

    /// <summary>The URI that answered, which differs after redirects.</summary>
    public Uri FinalUri { get; }

    /// <summary>The URI as views show it: without the values of its query, which may contain keys and signatures.</summary>
    [Hidden]
    public string ShownUri => Requests.Uris.Show(Uri);

    /// <summary>The method of the request that was answered.</summary>
    public string Method { get; }

    /// <summary>The status.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The status as a number.</summary>
    public int Status => (int)StatusCode;

    /// <summary>Whether the status is from 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>The reason phrase of the status; often empty over HTTP/2.</summary>
    public string ReasonPhrase { get; }

    /// <summary>The HTTP version of the response.</summary>
    public Version HttpVersion { get; }

    /// <summary>All values of the headers by name, in any letter case.</summary>
    public IReadOnlyDictionary<string, string[]> Headers => _allHeaders ??= ReadHeaders();

    /// <summary>The media type with its parameters; null if the response has none.</summary>
    public string? ContentType => ContentTypeOf(_contentHeaders);

    /// <summary>The body as text, decoded by its byte order mark, its charset, or as UTF-8.</summary>
    public string Content => _content ??= Charsets.Decode(RawContent, ContentType);

    /// <summary>The body as bytes, decompressed; empty if it was written to a file.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public byte[] RawContent { get; }

    /// <summary>How many bytes the body has, in memory or in the file.</summary>
    public long Length => FileLength ?? RawContent.Length;

    /// <summary>The file with the body; null if the body is in memory.</summary>
    public FileInfo? File { get; internal init; }

    /// <summary>How many bytes the file has; null if the body is in memory.</summary>
    internal long? FileLength { get; init; }

    /// <summary>The time from sending the request to the end of the response, redirects included.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>How many times the request was sent.</summary>
    public int Attempt { get; internal init; }

    /// <summary>The position of the request in the input, from zero.</summary>
    public long Index { get; internal init; }

    /// <summary>The input of the request: the pipeline object, or the URI.</summary>
    public object? InputObject { get; internal init; }

    /// <summary>The links of the Link header by relation, as absolute URIs (RFC 8288).</summary>
    public IReadOnlyDictionary<string, Uri> RelationLink => _links ??= WebLinks.Parse(_headers, FinalUri);

    /// <summary>Status and URI, without secrets.</summary>
    public override string ToString() => $"{Status} {Requests.Uris.Show(Uri)}";

    /// <summary>The media type that content headers state, or null.</summary>
    internal static string? ContentTypeOf(HttpContentHeaders headers)
        => headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) && values.Count > 0 ? values.ToString() : null;

    private Dictionary<string, string[]> ReadHeaders()
    {
        var all = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, HeaderStringValues values) in _headers.NonValidated)
        {
            all[name] = [.. values];
        }

        foreach ((string name, HeaderStringValues values) in _contentHeaders.NonValidated)
        {
            all[name] = [.. values];
        }

        return all;
    }
}
