using System.Collections;
using System.Collections.Specialized;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Concurrency;
using AsyncPs.Http;
using AsyncPs.Web.Hosting;
using AsyncPs.WebSockets;

namespace AsyncPs.Web;

/// <summary>A request, as the block that answers it sees it: the value of <c>$AsyncRequest</c>, and of <c>$_</c>.</summary>
public sealed class AsyncRequest
{
    private const int IdBytes = 8;

    private readonly IExchange _exchange;
    private readonly Lazy<ForeignToken> _token;
    private Stream? _buffered;
    private string? _id;
    private OrderedDictionary? _headers;
    private OrderedDictionary? _query;
    private OrderedDictionary? _path;
    private OrderedDictionary? _cookies;

    internal AsyncRequest(IExchange exchange, AsyncRoute route, CancellationToken ending)
    {
        _exchange = exchange;
        Route = route;
        _token = new Lazy<ForeignToken>(() => new ForeignToken(ending));
    }

    /// <summary>The route that answers it.</summary>
    public AsyncRoute Route { get; }

    /// <summary>The method, in capitals.</summary>
    public string Method => _exchange.Method;

    /// <summary>The whole URI, as the client has it.</summary>
    public Uri Uri => _exchange.Uri;

    /// <summary>The path, decoded.</summary>
    public string Path => _exchange.Path;

    /// <summary>The version of HTTP, such as <c>HTTP/1.1</c>.</summary>
    public string Protocol => _exchange.Protocol;

    /// <summary>The address of the client; null with a Unix socket.</summary>
    public string? RemoteAddress => _exchange.RemoteAddress;

    /// <summary>The media type of the body; null if there is none.</summary>
    public string? ContentType => _exchange.ContentType;

    /// <summary>The headers: a text, or an array of texts where one is there several times.</summary>
    public IDictionary Headers => _headers ??= Table(_exchange.Headers);

    /// <summary>The query: a text, or an array of texts where a name is there several times.</summary>
    public IDictionary Query => _query ??= Table(_exchange.QueryValues);

    /// <summary>What the path has at the names of the route's path.</summary>
    public IDictionary PathValues => _path ??= Table(_exchange.PathValues);

    /// <summary>The cookies.</summary>
    public IDictionary Cookies => _cookies ??= Table(_exchange.Cookies);

    /// <summary>What the block of -Authorize has written; null without one.</summary>
    public object? User { get; internal set; }

    /// <summary>The user name and the password, with the scheme Basic; otherwise null.</summary>
    public PSCredential? Credential { get; internal set; }

    /// <summary>The token or the key, with the schemes Bearer and ApiKey; otherwise null.</summary>
    public string? Token { get; internal set; }

    /// <summary>The certificate that the client has shown; null without one.</summary>
    public X509Certificate2? ClientCertificate => _exchange.ClientCertificate;

    /// <summary>The web socket of a route with the method WebSocket; otherwise null.</summary>
    public AsyncWebSocket? WebSocket { get; internal set; }

    /// <summary>The files of a form.</summary>
    public UploadedFile[] Files { get; internal set; } = [];

    /// <summary>
    /// Tells the request from all others: an answer of status 500 has it in its body, and the error that is written has it too.
    /// </summary>
    public string Id => _id ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>Canceled when the client has left, the time is over or the server stops: pass it to .NET methods that take one.</summary>
    public CancellationToken CancellationToken => _token.Value.Token;

    /// <summary>The body: what has come, to be read from its beginning; with -StreamBody what comes, to be read once.</summary>
    public Stream BodyStream
    {
        get
        {
            if (_buffered is { } buffered)
            {
                buffered.Position = 0;
                return buffered;
            }

            return _exchange.Body;
        }
    }

    /// <summary>The body as bytes, exactly as they have come.</summary>
    public byte[] ReadBytes()
    {
        using var bytes = new MemoryStream();
        Stream body = BodyStream;
        if (_buffered is not null)
        {
            body.CopyTo(bytes);
        }
        else
        {
            // The connection is read without blocking; it is this thread that waits.
            body.CopyToAsync(bytes, _exchange.Aborted).GetAwaiter().GetResult();
        }

        return bytes.ToArray();
    }

    /// <summary>The body as text, in the encoding that its media type names, or UTF-8.</summary>
    public string ReadText() => Charsets.Decode(ReadBytes(), ContentType);

    /// <summary>The method and the path.</summary>
    public override string ToString() => $"{Method} {Path}";

    /// <summary>The request below.</summary>
    internal IExchange Exchange => _exchange;

    /// <summary>Whether the id was ever asked for.</summary>
    internal bool HasId => _id is not null;

    /// <summary>Keeps the body, so that it can be read as often as one likes.</summary>
    internal async Task<Stream> BufferAsync(CancellationToken cancellationToken)
        => _buffered ??= await _exchange.BufferBodyAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Nobody needs it any more.</summary>
    internal void End()
    {
        if (_token.IsValueCreated)
        {
            _token.Value.Dispose();
        }
    }

    private static OrderedDictionary Table(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> values)
    {
        OrderedDictionary table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, IReadOnlyList<string> all) in values)
        {
            table[name] = all.Count == 1 ? all[0] : all.ToArray();
        }

        return table;
    }

    private static OrderedDictionary Table(IEnumerable<KeyValuePair<string, string>> values)
    {
        OrderedDictionary table = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in values)
        {
            table[name] = value;
        }

        return table;
    }
}
