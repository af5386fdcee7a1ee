using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace AsyncPs.Web.Server;

/// <summary>A request of the framework and its answer.</summary>
/// <param name="context">The framework's context.</param>
/// <param name="files">Serves files of the endpoint's folder, or null.</param>
internal sealed class Exchange(HttpContext context, RequestDelegate? files) : IExchange
{
    /// <summary>Marks a request whose folder does not have the file, among the items of the request.</summary>
    public static readonly object NoFile = new();

    /// <summary>The key for the id of a request's failure, among the items of the request.</summary>
    public static readonly object Failure = new();

    private const int BufferedInMemory = 64 * 1024;
    private const int MostFormValues = 1000;
    private const int LongestFormKey = 2048;

    private Stream? _buffered;

    /// <inheritdoc/>
    public string Method => context.Request.Method;

    /// <inheritdoc/>
    public Uri Uri => new(context.Request.GetEncodedUrl());

    /// <inheritdoc/>
    public string Path => context.Request.Path.Value ?? "";

    /// <inheritdoc/>
    public string Protocol => context.Request.Protocol;

    /// <inheritdoc/>
    public string? RemoteAddress => context.Connection.RemoteIpAddress?.ToString();

    /// <inheritdoc/>
    public string? ContentType => context.Request.ContentType;

    /// <inheritdoc/>
    public bool HasBody => context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate => context.Connection.ClientCertificate;

    /// <inheritdoc/>
    public CancellationToken Aborted => context.RequestAborted;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Headers
        => context.Request.Headers.Select(static header => Pair(header.Key, header.Value));

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> QueryValues
        => context.Request.Query.Select(static value => Pair(value.Key, value.Value));

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Cookies => context.Request.Cookies;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> PathValues
        => context.Request.RouteValues.Select(static value => KeyValuePair.Create(value.Key, value.Value as string ?? ""));

    /// <inheritdoc/>
    public Stream Body => context.Request.Body;

    /// <inheritdoc/>
    public bool IsWebSocketRequest => context.WebSockets.IsWebSocketRequest;

    /// <inheritdoc/>
    public bool HasStarted => context.Response.HasStarted;

    /// <inheritdoc/>
    public int Status { get => context.Response.StatusCode; set => context.Response.StatusCode = value; }

    /// <inheritdoc/>
    public string? FailureId
    {
        get => context.Items.TryGetValue(Failure, out object? id) ? id as string : null;
        set
        {
            if (value is not null)
            {
                context.Items[Failure] = value;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Header(string name) => ListOf(context.Request.Headers[name]);

    /// <inheritdoc/>
    public IReadOnlyList<string> Query(string name) => ListOf(context.Request.Query[name]);

    /// <inheritdoc/>
    public string? PathValue(string name) => context.Request.RouteValues.TryGetValue(name, out object? value) ? value as string : null;

    /// <inheritdoc/>
    public async Task<Stream> BufferBodyAsync(CancellationToken cancellationToken)
    {
        if (_buffered is null)
        {
            // The rest of a large body goes to a temporary file, which is deleted with the request.
            var stream = new FileBufferingReadStream(context.Request.Body, BufferedInMemory);
            context.Response.RegisterForDispose(stream);
            await ReadAsync(async () => await stream.DrainAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            stream.Position = 0;
            context.Request.Body = _buffered = stream;
        }

        return _buffered;
    }

    /// <inheritdoc/>
    public async Task<FormBody> ReadFormAsync(CancellationToken cancellationToken)
    {
        var options = new FormOptions
        {
            ValueCountLimit = MostFormValues,
            KeyLengthLimit = LongestFormKey,
            ValueLengthLimit = int.MaxValue,
            MultipartBodyLengthLimit = long.MaxValue,
            MultipartHeadersCountLimit = 16,
        };
        IFormCollection? form = null;
        await ReadAsync(async () => form = await context.Request.ReadFormAsync(options, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
        return new FormBody(
            form!.ToDictionary(
                static field => field.Key,
                static field => (IReadOnlyList<string>)ListOf(field.Value),
                StringComparer.OrdinalIgnoreCase),
            [
                .. form!.Files.Select(
                    static file => new UploadedFile(file.Name, SafeName(file.FileName), file.ContentType, file.Length, file.OpenReadStream))
            ]);
    }

    /// <inheritdoc/>
    public Task<WebSocket> AcceptWebSocketAsync(string? protocol) => context.WebSockets.AcceptWebSocketAsync(protocol);

    /// <inheritdoc/>
    public void SetHeader(string name, params string[] values)
    {
        // Kestrel accepts a header of any name. A length or framing other than the body's would end the answer at another place.
        foreach (string value in values)
        {
            _ = new AsyncPs.Http.Requests.Header(name, value);
        }

        context.Response.Headers[name] = new StringValues(values);
    }

    /// <inheritdoc/>
    public void SetLength(long length) => context.Response.ContentLength = length;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        => context.Response.Body.WriteAsync(bytes, cancellationToken);

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) => context.Response.Body.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task SendFileAsync(FileInfo file, string? contentType, string? downloadName)
    {
        file.Refresh();
        if (!file.Exists)
        {
            throw new FileNotFoundException($"The file '{file.FullName}' that the block has written is not there.", file.FullName);
        }

        DateTimeOffset modified = file.LastWriteTimeUtc;
        var version = new EntityTagHeaderValue($"\"{modified.Ticks:x}-{file.Length:x}\"");
        await TypedResults.PhysicalFile(
            file.FullName,
            contentType ?? MediaTypes.Of(file.Name),
            downloadName,
            modified,
            version,
            enableRangeProcessing: true)
            .ExecuteAsync(context).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> SendFolderFileAsync()
    {
        // The parts that serve files ignore requests with an endpoint.
        Endpoint? endpoint = context.GetEndpoint();
        context.SetEndpoint(null);
        try
        {
            await files!(context).ConfigureAwait(false);
        }
        finally
        {
            context.SetEndpoint(endpoint);
        }

        return !context.Items.ContainsKey(NoFile);
    }

    /// <inheritdoc/>
    public void Abort() => context.Abort();

    /// <summary>The values as an array.</summary>
    public static string[] ListOf(StringValues values) => [.. values.OfType<string>()];

    private static KeyValuePair<string, IReadOnlyList<string>> Pair(string name, StringValues values)
        => KeyValuePair.Create(name, (IReadOnlyList<string>)ListOf(values));

    private static string SafeName(string name) => name[(name.LastIndexOfAny(['/', '\\']) + 1)..];

    private static async Task ReadAsync(Func<Task> read)
    {
        try
        {
            await read().ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            throw new BadRequestException(e.StatusCode, "The body cannot be read: " + e.Message, e);
        }
        catch (InvalidDataException e)
        {
            throw new BadRequestException(StatusCodes.Status400BadRequest, "The form cannot be read: " + e.Message, e);
        }
    }
}
