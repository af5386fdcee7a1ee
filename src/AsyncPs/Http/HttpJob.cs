using System.Diagnostics;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Files;
using AsyncPs.Http.Requests;
using AsyncPs.Http.Responses;
using AsyncPs.Telemetry;

namespace AsyncPs.Http;

/// <summary>Runs the requests of a call: sends them, reads the responses, and continues with the next pages.</summary>
internal sealed class HttpJob : IAsyncJob
{
    // The limit for a body that only explains an error.
    private const int ExplanationSize = 64 * 1024;

    // The status says enough: an explanation is not worth more time than this.
    private static readonly TimeSpan ExplanationTime = TimeSpan.FromSeconds(5);

    // What a request waits for, for inspection.
    private static readonly WaitNote Body = new(WaitKind.Request, Text: "the rest of the response");

    private readonly HttpCallOptions _options;
    private readonly HttpSender _sender;
    private readonly IResponseReader _reader;
    private readonly DeadlinePool _deadlines = new();

    /// <summary>Creates a job on the connections of the module.</summary>
    public HttpJob(HttpCallOptions options)
        : this(options, HttpConnectionPool.Shared)
    {
    }

    /// <summary>Creates a job on the connections of a pool.</summary>
    public HttpJob(HttpCallOptions options, HttpConnectionPool pool)
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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAttemptAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var work = (HttpWork)item.Work!;
        HttpRequest? request = work.Request ?? throw work.Failure!;
        Uri named = request.Uri;
        Deadline deadline = _deadlines.Rent(cancellationToken);
        try
        {
            while (request is not null)
            {
                request = await RunPageAsync(item, work, request, named, deadline, cancellationToken).ConfigureAwait(false);

                // A further attempt continues from here, because output must not be written twice.
                work.Request = request ?? work.Request;
                work.Pages++;
            }
        }
        finally
        {
            _deadlines.Return(deadline);
        }
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => item.Work?.ToString();

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        _deadlines.Dispose();
    }

    private ValueTask<HttpRequest?> RunPageAsync(
        WorkItem item, HttpWork work, HttpRequest request, Uri named, Deadline deadline, CancellationToken cancellationToken)
        => RequestSignals.Begin(request) is { } operation
            ? RunPageAsync(operation, item, work, request, named, deadline, cancellationToken)
            : RunPageAsync(item, work, request, named, deadline, operation: null, cancellationToken);

    private async ValueTask<HttpRequest?> RunPageAsync(
        ClientOperation operation,
        WorkItem item,
        HttpWork work,
        HttpRequest request,
        Uri named,
        Deadline deadline,
        CancellationToken cancellationToken)
    {
        operation.Enter();
        try
        {
            HttpRequest? next =
                await RunPageAsync(item, work, request, named, deadline, operation, cancellationToken).ConfigureAwait(false);
            operation.End();
            return next;
        }
        catch (Exception e)
        {
            RequestSignals.Failed(operation, e);
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpRequest?> RunPageAsync(
        WorkItem item,
        HttpWork work,
        HttpRequest request,
        Uri named,
        Deadline deadline,
        ClientOperation? operation,
        CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        Download? download = _options.Files?.Takes(request) == true ? new Download(_options.Files, request) : null;
        Exchange? exchange = null;
        try
        {
            deadline.Restart(_options.ConnectionTimeout);
            (HttpResponseMessage response, HttpRequest last) = await _sender.SendAsync(
                download?.Request ?? request, item, named, deadline.Token).ConfigureAwait(false);
            if (download?.MustStartOver(response) == true)
            {
                response.Dispose();
                (response, last) = await _sender.SendAsync(request, item, named, deadline.Token).ConfigureAwait(false);
            }

            deadline.Pause();
            item.Waits = Body;
            if (operation is not null)
            {
                RequestSignals.Answered(operation, response);
            }

            exchange = new Exchange(_options, item, request, response, last, deadline, startedAt);
            if (item.Call.Options.IsVerbose)
            {
                await item.WriteAsync(
                    StreamKind.Verbose,
                    new VerboseRecord($"{request}: {(int)response.StatusCode} after "
                        + $"{Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds:0} ms")).ConfigureAwait(false);
            }

            if (!_options.SkipsErrorCheck && !response.IsSuccessStatusCode && download?.IsComplete(response) != true)
            {
                throw await StatusErrorAsync(exchange).ConfigureAwait(false);
            }

            IResponseReader reader = download is not null && (response.IsSuccessStatusCode || download.IsComplete(response))
                ? new FileReader(download)
                : _reader;
            object? page = await reader.ReadAsync(exchange).ConfigureAwait(false);
            return _options.NextPage is { } next && work.Pages < _options.MaximumPages
                ? Allowed(
                    await next.FindAsync(
                        item, request, page, page as HttpResult ?? exchange.Result(), cancellationToken).ConfigureAwait(false),
                    last,
                    exchange)
                : null;
        }
        catch (Exception e) when ((e as HttpCallException ?? Explain(e, request, exchange, deadline)) is { } failure)
        {
            failure.MayRepeat = exchange is not { HasWritten: true };
            throw failure;
        }
        finally
        {
            item.Waits = null;
            exchange?.Dispose();
        }
    }

    // The server chooses the next page, as it chooses a redirect, so the same rules apply.
    private HttpRequest? Allowed(HttpRequest? next, HttpRequest last, Exchange exchange)
        => next is not null && Uris.LosesEncryption(last.Uri, next.Uri) && !_options.AllowsInsecureRedirect
            ? throw HttpErrors.HttpNextPageInsecure(exchange.Request, next.Uri, exchange.Result())
            : next;

    // The error for the user, or null if the exception is one.
    private HttpCallException? Explain(Exception exception, HttpRequest request, Exchange? exchange, Deadline deadline)
        => (exception, exchange) switch
    {
        (OperationCanceledException, _) when !deadline.HasPassed => null,
        (OperationCanceledException, null)
            => HttpErrors.HttpConnectionTimedOut(request, _options.ConnectionTimeout ?? TimeSpan.Zero, ProxyFor(request)),
        (OperationCanceledException, _)
            => HttpErrors.HttpOperationTimedOut(request, _options.OperationTimeout ?? TimeSpan.Zero, exchange.Result()),
        (UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException, null)
            => HttpErrors.HttpRequestInvalid(request.Uri, exception.Message, exception),
        (HttpRequestException or IOException or InvalidOperationException or FormatException, null)
            => HttpFailures.HttpFailed(request, exception, response: null, ProxyFor(request), asksForHttp2: _options.Version.Major == 2),
        (HttpRequestException or IOException or InvalidDataException, _)
            => HttpFailures.HttpFailed(request, exception, exchange!.Result(), ProxyFor(request)),
        _ => null,
    };

    private Uri? ProxyFor(HttpRequest request) => _options.Connections.ProxyFor(request.Uri);

    private async ValueTask<HttpCallException> StatusErrorAsync(Exchange exchange)
    {
        TimeSpan time = _options.OperationTimeout < ExplanationTime ? _options.OperationTimeout.Value : ExplanationTime;
        byte[] explanation = await exchange.ReadStartAsync(ExplanationSize, time).ConfigureAwait(false);
        return HttpErrors.HttpStatus(
            exchange.Request,
            exchange.Result(explanation),
            RetryAfter.Of(exchange.Response, DateTimeOffset.UtcNow));
    }
}
