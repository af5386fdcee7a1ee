using System.Collections;
using System.Text;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Http.Json;
using AsyncPs.Http;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Hosting;
using AsyncPs.Web.OpenApi;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web.Commands;

/// <summary>Sends a request to routes without a server or a port, for tests (Starlette's <c>TestClient</c>).</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AsyncRoute")]
[OutputType(typeof(RouteAnswer))]
public sealed class InvokeAsyncRouteCommand : WorkCommand
{
    private const string JsonType = "application/json";

    /// <summary>The routes, from New-AsyncRoute.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncRoute>))]
    public AsyncRoute[] Route { get; set; } = [];

    /// <summary>The method.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidatePattern("^[A-Za-z]+$")]
    [ArgumentCompleter(typeof(RouteMethodCompleter))]
    public string Method { get; set; } = "GET";

    /// <summary>The path, with the query.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidatePattern("^/")]
    public string Path { get; set; } = "/";

    /// <summary>The body: a string or bytes unchanged; another object as JSON. Default: none.</summary>
    [Parameter(Position = 3)]
    [System.Management.Automation.AllowNull]
    public object? Body { get; set; }

    /// <summary>The media type of the body. Default: JSON for objects, <c>text/plain; charset=utf-8</c> for strings.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AnswerTypeCompleter))]
    public string? ContentType { get; set; }

    /// <summary>Headers, names and values.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>As in Start-AsyncServer. Default: all clients are admitted.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Authorize { get; set; }

    /// <summary>As in Start-AsyncServer. Default: the block of -Authorize reads the request itself.</summary>
    [Parameter]
    public AuthorizationScheme? Scheme { get; set; }

    /// <summary>How long the answer may take to start. A number means seconds. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    private protected override void End()
    {
        DirectRequest request = RequestOf();
        IWebHosting hosting = WebFramework.Hosting;
        var log = new ServerLog();
        var options = new AppOptions { Authorize = Authorize, Scheme = Scheme, RequestTimeout = RequestTimeout };
        using var app = new WebApp(Route, options, CaptureOptions, this, log, new ApiDescription("API", "1.0.0", "/docs"));
        try
        {
            DirectAnswer answer = Wait(new ValueTask<DirectAnswer>(AnswerAsync(hosting, app, log, request)));
            WriteRecords(log);
            WriteObject(Read(answer));
        }
        catch (IOException e)
        {
            WriteRecords(log);
            ThrowTerminatingError(WebErrors.AnswerBroken(e, $"{Method} {Path}"));
        }

        if (app.Failure.IsCompleted)
        {
            ThrowTerminatingError(CallErrors.CallFailed(app.Failure.Result));
        }
    }

    private async Task<DirectAnswer> AnswerAsync(IWebHosting hosting, WebApp app, ServerLog log, DirectRequest request)
    {
        IWebServer server = hosting.Create(new ServerOptions { Failed = log.Error }, app.Endpoints);
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(StopToken).ConfigureAwait(false);
            return await server.SendAsync(request, StopToken).ConfigureAwait(false);
        }
    }

    private void WriteRecords(ServerLog log)
    {
        var writer = new RecordWriter(this);
        while (log.Records.TryRead(out StreamRecord record))
        {
            writer.Write(record);
        }
    }

    private DirectRequest RequestOf()
    {
        (byte[] body, string? type) = BodyOf();
        List<KeyValuePair<string, string>> headers = [];
        foreach (DictionaryEntry entry in Headers ?? new Hashtable())
        {
            headers.Add(KeyValuePair.Create(entry.Key.ToString()!, PlainText.Of(entry.Value)));
        }

        if (type is not null && !headers.Exists(static header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
        {
            headers.Add(KeyValuePair.Create("Content-Type", type));
        }

        return new DirectRequest(Method.ToUpperInvariant(), Path, headers, body);
    }

    private (byte[] Body, string? ContentType) BodyOf()
    {
        switch (PlainText.Unwrap(Body))
        {
            case null:
                return ([], ContentType);
            case string text:
                return (Encoding.UTF8.GetBytes(text), ContentType ?? "text/plain; charset=utf-8");
            case byte[] bytes:
                return (bytes, ContentType ?? "application/octet-stream");
            default:
                return (ObjectFormatter.FormatAll(Body, AnswerShape.Plain with { Depth = 100 }), ContentType ?? JsonType);
        }
    }

    private static RouteAnswer Read(DirectAnswer answer)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string[] values) in answer.Headers)
        {
            headers[name] = string.Join(", ", values);
        }

        string? type = headers.GetValueOrDefault("Content-Type");
        string text = Charsets.Decode(answer.Body, type);
        object? content = text.Length == 0 ? null : text;
        if (content is not null
            && type?.Split(';')[0].Trim() is { } plain
            && (plain == JsonType || plain.EndsWith("+json", StringComparison.Ordinal)))
        {
            content = JsonObjects.Parse(answer.Body, keepsAllNames: true).Value;
        }

        return new RouteAnswer(answer.Status, headers, answer.Body, text, content);
    }
}
