using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Files;
using AsyncPs.Http.Requests;
using AsyncPs.Http.Responses;

namespace AsyncPs.Http;

/// <summary>Runs the requests of a call: sends, reads, and goes on to the next page.</summary>
internal sealed class HttpJob : IAsyncJob
{
    // Of a body that only explains an error.
    private const int ExplanationSize = 64 * 1024;

    private readonly HttpCallOptions _options;
    private readonly HttpSender _sender;
    private readonly IResponseReader _reader;

    /// <summary>Opens a job on the connections of the module.</summary>
    public HttpJob(HttpCallOptions options)
        : this(options, ConnectionPool.Shared)
    {
    }

    /// <summary>Opens a job.</summary>
    public HttpJob(HttpCallOptions options, ConnectionPool pool)
    {
        _options = options;
        _sender = new HttpSender(options, pool);
        _reader = options.As switch
        {
            ResponseFormat.Json => new JsonReader(),
            ResponseFormat.Text => new Responses.TextReader(),
            ResponseFormat.Bytes => new BytesReader(),
            ResponseFormat.Lines => new LinesReader(),
            ResponseFormat.ServerSentEvents => new ServerSentEventsReader(),
            _ => new ResultReader(),
        };
    }

    /// <inheritdoc/>
    public async ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var work = (HttpWork)item.Work!;
        HttpRequest? request = work.Request ?? throw work.Failure!;
        Uri named = request.Uri;
        while (request is not null)
        {
            request = await RunPageAsync(item, work, request, named, cancellationToken).ConfigureAwait(false);

            // A further attempt goes on from here: what was written must not be written again.
            work.Request = request ?? work.Request;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sender.Dispose();

    private async ValueTask<HttpRequest?> RunPageAsync(WorkItem item, HttpWork work, HttpRequest request, Uri named, CancellationToken cancellationToken)
    {
        Download? download = _options.Files?.Takes(request) == true ? new Download(_options.Files, request, item.Index) : null;
        using var deadline = new Deadline(cancellationToken);
        using Exchange exchange = await SendAsync(item, request, download, named, deadline).ConfigureAwait(false);
        try
        {
            await CheckStatusAsync(exchange, download).ConfigureAwait(false);
            IResponseReader reader = download is not null && (exchange.Response.IsSuccessStatusCode || download.IsComplete(exchange.Response)) ? new FileReader(download) : _reader;
            object? page = await reader.ReadAsync(exchange).ConfigureAwait(false);
            work.Pages++;
            return _options.NextPage is { } next && work.Pages <= _options.MaximumPages
                ? await next.FindAsync(item, request, page, page as HttpResult ?? exchange.Result(), cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw Errors.HttpOperationTimedOut(request, _options.OperationTimeout ?? TimeSpan.Zero, exchange.Result(), !exchange.HasWritten);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw Errors.HttpFailed(request, e, exchange.Result(), !exchange.HasWritten);
        }
    }

    private async ValueTask<Exchange> SendAsync(WorkItem item, HttpRequest request, Download? download, Uri named, Deadline deadline)
    {
        long startedAt = Stopwatch.GetTimestamp();
        deadline.Restart(_options.ConnectionTimeout);
        try
        {
            while (true)
            {
                (HttpResponseMessage response, HttpRequest last) = await _sender.SendAsync(download?.Request ?? request, named, deadline.Token).ConfigureAwait(false);
                if (download?.MustStartOver(response) == true)
                {
                    response.Dispose();
                    continue;
                }

                if (item.Call.Options.IsVerbose)
                {
                    await item.WriteAsync(StreamKind.Verbose, new VerboseRecord($"{request}: {(int)response.StatusCode} after {Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds:0} ms")).ConfigureAwait(false);
                }

                return new Exchange(_options, item, request, response, last, deadline, startedAt);
            }
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw Errors.HttpConnectionTimedOut(request, _options.ConnectionTimeout ?? TimeSpan.Zero);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Errors.HttpRequestInvalid(request.Uri, e.Message, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Errors.HttpRequestInvalid(request.Uri, e.Message, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or FormatException)
        {
            throw Errors.HttpFailed(request, e, response: null);
        }
    }

    private async ValueTask CheckStatusAsync(Exchange exchange, Download? download)
    {
        HttpResponseMessage response = exchange.Response;
        if (_options.SkipsErrorCheck || response.IsSuccessStatusCode || download?.IsComplete(response) == true)
        {
            return;
        }

        byte[] explanation = await exchange.ReadStartAsync(ExplanationSize).ConfigureAwait(false);
        throw Errors.HttpStatus(exchange.Request, exchange.Result(explanation), RetryAfter.Of(response, DateTimeOffset.UtcNow));
    }
}
