using System.Collections;
using System.Collections.Specialized;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Concurrency;
using AsyncPs.Http;
using AsyncPs.Web.Hosting;
using AsyncPs.WebSockets;

namespace AsyncPs.Web;

/// <summary>A request as the block that answers it sees it: the value of <c>$AsyncRequest</c> and <c>$_</c>.</summary>
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

    /// <summary>The complete URI as the client used it.</summary>
    public Uri Uri => _exchange.Uri;

    /// <summary>The path, decoded.</summary>
    public string Path => _exchange.Path;

    /// <summary>The HTTP version, such as <c>HTTP/1.1</c>.</summary>
    public string Protocol => _exchange.Protocol;

    /// <summary>The address of the client; null with a Unix socket.</summary>
    public string? RemoteAddress => _exchange.RemoteAddress;

    /// <summary>The media type of the body; null if there is none.</summary>
    public string? ContentType => _exchange.ContentType;

    /// <summary>The headers: a string, or an array of strings for repeated ones.</summary>
    public IDictionary Headers => _headers ??= Table(_exchange.Headers);

    /// <summary>The query: a string, or an array of strings for repeated names.</summary>
    public IDictionary Query => _query ??= Table(_exchange.QueryValues);

    /// <summary>The values of the parameters in the route's path.</summary>
    public IDictionary PathValues => _path ??= Table(_exchange.PathValues);

    /// <summary>The cookies.</summary>
    public IDictionary Cookies => _cookies ??= Table(_exchange.Cookies);

    /// <summary>The output of the block of -Authorize; null without one.</summary>
    public object? User { get; internal set; }

    /// <summary>The user name and password with the Basic scheme; otherwise null.</summary>
    public PSCredential? Credential { get; internal set; }

    /// <summary>The token or key with the Bearer and ApiKey schemes; otherwise null.</summary>
    public string? Token { get; internal set; }

    /// <summary>The client's certificate; null without one.</summary>
    public X509Certificate2? ClientCertificate => _exchange.ClientCertificate;

    /// <summary>The web socket of a route with the method WebSocket; otherwise null.</summary>
    public AsyncWebSocket? WebSocket { get; internal set; }

    /// <summary>The files of a form.</summary>
    public UploadedFile[] Files { get; internal set; } = [];

    /// <summary>
    /// The unique id of the request: an answer of status 500 has it in its body, and the error that is written has it too.
    /// </summary>
    public string Id => _id ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>
    /// Canceled when the client disconnects, the request times out or the server stops. Pass it to .NET methods that take a token.
    /// </summary>
    public CancellationToken CancellationToken => _token.Value.Token;

    /// <summary>The body, to be read from its beginning; with -StreamBody as it arrives, to be read once.</summary>
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

    /// <summary>The body as bytes, exactly as they arrived.</summary>
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
            // The connection is read asynchronously, and this thread waits for it.
            body.CopyToAsync(bytes, _exchange.Aborted).GetAwaiter().GetResult();
        }

        return bytes.ToArray();
    }

    /// <summary>The body as text, in the encoding of its media type, or UTF-8.</summary>
    public string ReadText() => Charsets.Decode(ReadBytes(), ContentType);

    /// <summary>The method and the path.</summary>
    public override string ToString() => $"{Method} {Path}";

    /// <summary>The underlying request.</summary>
    internal IExchange Exchange => _exchange;

    /// <summary>Whether the id was ever read.</summary>
    internal bool HasId => _id is not null;

    /// <summary>Keeps the body, so that it can be read any number of times.</summary>
    internal async Task<Stream> BufferAsync(CancellationToken cancellationToken)
        => _buffered ??= await _exchange.BufferBodyAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the request, which is no longer needed.</summary>
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
