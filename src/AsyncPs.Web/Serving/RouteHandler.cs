using System.Collections;
using System.Diagnostics;
using AsyncPs.Concurrency;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Binding;
using AsyncPs.Web.Hosting;
using AsyncPs.WebSockets;

namespace AsyncPs.Web.Serving;

/// <summary>
/// Answers the requests to one route: admits and authenticates them, binds parameters, runs the block and sends its output.
/// </summary>
/// <param name="route">The route.</param>
/// <param name="app">The server's routes and what they share.</param>
/// <param name="fixedAnswer">Answers instead of a block, or null.</param>
internal sealed class RouteHandler(AsyncRoute route, WebApp app, Func<IExchange, Task>? fixedAnswer = null)
{
    private const int LargestMessage = 16 * 1024 * 1024;

    // A stream without a first object counts as open after this time. Binding errors come much earlier.
    private static readonly TimeSpan QuietStart = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan RetryAfterOverload = TimeSpan.FromSeconds(1);

    private readonly RequestBinder _binder = new(route);
    private readonly Negotiation _negotiation = new(route);
    private readonly ScriptBlock? _authorize = route.Authorize ?? (route.Anonymous ? null : app.Options.Authorize);
    private readonly AuthorizationScheme? _scheme = route.Scheme ?? (route.Anonymous ? null : app.Options.Scheme);
    private readonly TimeSpan _timeout = route.RequestTimeout ?? app.Options.RequestTimeout;
    private readonly Admission _admission = route.Stream || route.IsWebSocket ? app.LongAdmission : app.Admission;

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(IExchange exchange)
    {
        Activity? span = ServerSpans.Enter(exchange, route);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, app.Ending);
        ending.CancelAfter(_timeout);
        var request = new AsyncRequest(exchange, route, ending.Token);
        var stage = new RequestStage();
        try
        {
            await HandleAsync(request, stage, ending).ConfigureAwait(false);
        }
        catch (BadRequestException e)
        {
            await Responder.SendAsync(exchange, Problem.ForStatus(e.Status) with { Detail = e.Message }, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (ending.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            await EndAsync(exchange, stage).ConfigureAwait(false);
        }
        catch (Exception e) when (!exchange.Aborted.IsCancellationRequested)
        {
            app.Log.Error(new ErrorRecord(e, WebErrors.ServerFailedId, ErrorCategory.NotSpecified, route), request);
            await FailAsync(request).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client has disconnected and needs no answer.
        }
        finally
        {
            exchange.FailureId = request.HasId ? request.Id : null;
            request.End();
            if (span is not null)
            {
                ServerSpans.End(span, exchange);
            }
        }
    }

    private async Task HandleAsync(AsyncRequest request, RequestStage stage, CancellationTokenSource ending)
    {
        // Before it takes a place, so that a client that sends its body slowly holds none.
        (IDictionary? values, Problem? problem) = await _binder.BindAsync(request, ending.Token).ConfigureAwait(false);
        if (!await _admission.TryEnterAsync(ending.Token).ConfigureAwait(false))
        {
            await SendAsync(request, Overload()).ConfigureAwait(false);
            return;
        }

        // The block that was started, which may outlast the answer.
        Task running = Task.CompletedTask;
        try
        {
            stage.HasStarted = true;
            if (_authorize is not null && !await AuthorizeAsync(request, ending, task => running = task).ConfigureAwait(false))
            {
                return;
            }

            if (fixedAnswer is not null)
            {
                await fixedAnswer(request.Exchange).ConfigureAwait(false);
                return;
            }

            if (route.Folder is not null)
            {
                await SendFileAsync(request).ConfigureAwait(false);
                return;
            }

            if (_negotiation.Choose(request.Exchange) is not { } shape)
            {
                await SendAsync(request, Problem.ForStatus(406)).ConfigureAwait(false);
                return;
            }

            if (problem is not null)
            {
                await SendAsync(request, problem).ConfigureAwait(false);
                return;
            }

            await RunAsync(request, shape, values, ending, task => running = task).ConfigureAwait(false);
        }
        finally
        {
            if (running.IsCompleted)
            {
                _admission.Leave();
            }
            else
            {
                _ = running.ContinueWith(
                    _ => _admission.Leave(),
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }

    private async Task<bool> AuthorizeAsync(AsyncRequest request, CancellationTokenSource ending, Action<Task> started)
    {
        if (_scheme is { } scheme && !Credentials.TryRead(request, scheme))
        {
            await SendAsync(request, Credentials.Ask(scheme)).ConfigureAwait(false);
            return false;
        }

        var answer = new Answer(request, AnswerShape.Plain, app.Log) { Collected = [] };
        await RunAsync(_authorize!, null, answer, ending, started).ConfigureAwait(false);
        await answer.End.ConfigureAwait(false);
        ending.Token.ThrowIfCancellationRequested();
        if (answer.Failure is not null)
        {
            await FailAsync(request).ConfigureAwait(false);
            return false;
        }

        object? user = answer.Collected is [.., var last] ? last : null;
        if (PlainText.Unwrap(user) is AsyncResponse response)
        {
            await Responder.SendResponseAsync(request, response, ending.Token).ConfigureAwait(false);
            return false;
        }

        if (!LanguagePrimitives.IsTrue(user))
        {
            await SendAsync(request, Credentials.Ask(_scheme)).ConfigureAwait(false);
            return false;
        }

        request.User = user;
        return true;
    }

    private async Task RunAsync(
        AsyncRequest request,
        AnswerShape shape,
        IDictionary? values,
        CancellationTokenSource ending,
        Action<Task> started)
    {
        if (route.IsWebSocket && !await OpenSocketAsync(request).ConfigureAwait(false))
        {
            return;
        }

        var answer = new Answer(request, shape, app.Log);
        if (route.IsWebSocket)
        {
            ending.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        using CancellationTokenRegistration cancel =
            await RunAsync(route.ScriptBlock!, values, answer, ending, started).ConfigureAwait(false);
        ConcurrentStatus? status = answer.End.IsCompleted ? await answer.End.ConfigureAwait(false) : null;
        if (status == ConcurrentStatus.Canceled)
        {
            // If not because of the request, then because everything is being stopped: the output so far is not an answer.
            ending.Token.ThrowIfCancellationRequested();
            throw new OperationCanceledException();
        }

        if (request.WebSocket is { } socket)
        {
            await CloseAsync(socket, answer).ConfigureAwait(false);
        }
        else if (answer.Failure is { } failure && !answer.Bytes.Leaves)
        {
            await (BindingErrors.IsOne(failure) ? SendAsync(request, BindingErrors.ProblemOf(failure, route)) : FailAsync(request))
                .ConfigureAwait(false);
        }
        else if (!answer.Bytes.Leaves)
        {
            await Responder.SendWholeAsync(answer, ending.Token).ConfigureAwait(false);
        }
        else
        {
            // The answer has started: from here on it is not limited.
            ending.CancelAfter(Timeout.InfiniteTimeSpan);
            await StreamAsync(answer, ending.Token).ConfigureAwait(false);
        }
    }

    private static async Task StreamAsync(Answer answer, CancellationToken cancellationToken)
    {
        try
        {
            await Responder.SendStreamAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            answer.Bytes.Break();
        }

        ConcurrentStatus status = await answer.End.ConfigureAwait(false);
        if (answer.Failure is not null || status != ConcurrentStatus.Succeeded)
        {
            // The status was already sent, so only the connection can show that the answer is incomplete.
            answer.Request.Exchange.Abort();
        }
    }

    // Returns when the answer is complete or starts to be sent.
    private async Task<CancellationTokenRegistration> RunAsync(
        ScriptBlock block, IDictionary? values, Answer answer, CancellationTokenSource ending, Action<Task> started)
    {
        WorkItem item = app.Blocks.Start(block, values, answer);
        started(answer.End);
        CancellationTokenRegistration cancel = ending.Token.UnsafeRegister(static item => ((WorkItem)item!).Cancel(), item);
        try
        {
            if (answer.Shape.Stream != StreamShape.None && answer.Collected is null)
            {
                await BeginStreamAsync(answer, ending.Token).ConfigureAwait(false);
            }

            await (answer.Collected is null ? answer.Ready : answer.End).WaitAsync(ending.Token).ConfigureAwait(false);
            return cancel;
        }
        catch
        {
            answer.Bytes.Break();
            throw;
        }
    }

    private static async Task BeginStreamAsync(Answer answer, CancellationToken cancellationToken)
    {
        await Task.WhenAny(answer.Running, answer.Ready).WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(answer.Ready, Task.Delay(QuietStart, cancellationToken)).ConfigureAwait(false);
        if (!answer.Ready.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            answer.Bytes.Begin();
        }
    }

    private async Task<bool> OpenSocketAsync(AsyncRequest request)
    {
        IExchange exchange = request.Exchange;
        if (!exchange.IsWebSocketRequest)
        {
            await SendAsync(request, Problem.ForStatus(426)).ConfigureAwait(false);
            return false;
        }

        if (!Origins.Allow(exchange, app.Options.Origins))
        {
            await SendAsync(request, Problem.ForStatus(403) with { Detail = "Pages of this origin may not open web sockets here." })
                .ConfigureAwait(false);
            return false;
        }

        request.WebSocket = new AsyncWebSocket(
            await exchange.AcceptWebSocketAsync(
                exchange.Header("Sec-WebSocket-Protocol") is [var protocols, ..] ? protocols.Split(',')[0].Trim() : null)
                .ConfigureAwait(false),
            request.ToString(),
            LargestMessage);
        return true;
    }

    private static async Task CloseAsync(AsyncWebSocket socket, Answer answer)
    {
        ConcurrentStatus status = await answer.End.ConfigureAwait(false);
        bool failed = answer.Failure is not null;
        await socket.CloseAsync(
            failed ? System.Net.WebSockets.WebSocketCloseStatus.InternalServerError
                : status == ConcurrentStatus.Canceled ? System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable
                : System.Net.WebSockets.WebSocketCloseStatus.NormalClosure,
            failed ? answer.Request.Id : null).ConfigureAwait(false);
    }

    private static async Task SendFileAsync(AsyncRequest request)
    {
        if (!await request.Exchange.SendFolderFileAsync().ConfigureAwait(false))
        {
            await SendAsync(request, Problem.ForStatus(404)).ConfigureAwait(false);
        }
    }

    // The request has timed out, or the server stops. A client that has disconnected gets no answer.
    private async Task EndAsync(IExchange exchange, RequestStage stage)
    {
        if (exchange.Aborted.IsCancellationRequested)
        {
            return;
        }

        Problem problem = app.Ending.IsCancellationRequested
            ? Problem.ForStatus(503) with { Detail = "The server is shutting down.", RetryAfter = RetryAfterOverload }
            : stage.HasStarted ? Problem.ForStatus(504) with { Detail = "The answer took too long." }
            : Overload();
        await Responder.SendAsync(exchange, problem, CancellationToken.None).ConfigureAwait(false);
    }

    private static Problem Overload()
        => Problem.ForStatus(503) with { Detail = "Too many requests are being answered.", RetryAfter = RetryAfterOverload };

    private static Task FailAsync(AsyncRequest request) => SendAsync(request, Problem.ForStatus(500) with { Id = request.Id });

    private static Task SendAsync(AsyncRequest request, Problem problem)
        => Responder.SendAsync(request.Exchange, problem, request.Exchange.Aborted);
}
