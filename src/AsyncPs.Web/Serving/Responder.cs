using System.Buffers;
using System.Globalization;
using System.Text;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Binding;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>Sends answers.</summary>
internal static class Responder
{
    private const string ContentType = "Content-Type";
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private static readonly ReadOnlyMemory<byte> Comment = ":\n\n"u8.ToArray();

    private const string Bytes = "application/octet-stream";

    /// <summary>Sends a problem. If an answer has already started, aborts it instead.</summary>
    public static async Task SendAsync(IExchange exchange, Problem problem, CancellationToken cancellationToken)
    {
        if (exchange.HasStarted)
        {
            exchange.Abort();
            return;
        }

        if (problem.RetryAfter is { } wait)
        {
            exchange.SetHeader("Retry-After", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        }

        if (problem.Challenge is { } challenge)
        {
            exchange.SetHeader("WWW-Authenticate", challenge);
        }

        exchange.SetHeader("Cache-Control", "no-store");
        await SendAsync(exchange, problem.Status, Problem.MediaType, problem.ToJson(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a complete answer.</summary>
    public static async Task SendWholeAsync(Answer answer, CancellationToken cancellationToken)
    {
        IExchange exchange = answer.Request.Exchange;
        AsyncRoute route = answer.Request.Route;
        switch (answer.Kind)
        {
            case AnswerKind.None when answer.Shape.Stream == StreamShape.None && !answer.Shape.AsArray:
                exchange.Status = route.Status == 200 ? 204 : route.Status;
                break;
            case AnswerKind.None:
                await SendAsync(
                    exchange,
                    route.Status,
                    answer.Shape.MediaType,
                    answer.Shape.Stream == StreamShape.None ? "[]"u8.ToArray() : ReadOnlyMemory<byte>.Empty,
                    cancellationToken)
                    .ConfigureAwait(false);
                break;
            case AnswerKind.Special when answer.Special is AsyncResponse response:
                await SendAsync(answer.Request, response, answer.SpecialBody, answer.Shape, cancellationToken).ConfigureAwait(false);
                break;
            case AnswerKind.Special:
                exchange.Status = route.Status;
                await SendBodyAsync(
                    answer.Request,
                    new AsyncResponse { Body = answer.Special, HasBody = true },
                    objects: null,
                    answer.Shape,
                    cancellationToken)
                    .ConfigureAwait(false);
                break;
            default:
                await SendAsync(exchange, route.Status, MediaTypeOf(answer), answer.Whole, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Sends an answer while it is written.</summary>
    public static async Task SendStreamAsync(Answer answer, CancellationToken cancellationToken)
    {
        IExchange exchange = answer.Request.Exchange;
        exchange.Status = answer.Request.Route.Status;
        exchange.SetHeader(ContentType, MediaTypeOf(answer));
        if (answer.Shape.Stream != StreamShape.None)
        {
            // Proxies such as nginx would hold back events.
            exchange.SetHeader("Cache-Control", "no-cache");
            exchange.SetHeader("X-Accel-Buffering", "no");
        }

        await exchange.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (await ReadAsync(answer, cancellationToken).ConfigureAwait(false) is { Length: > 0 } part)
        {
            await exchange.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            await exchange.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // If events are rare, a comment shows that the stream is alive, because proxies close silent connections.
    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Answer answer, CancellationToken cancellationToken)
    {
        ValueTask<ReadOnlyMemory<byte>> reading = answer.Bytes.ReadAsync(cancellationToken);
        if (reading.IsCompleted || answer.Shape.Stream != StreamShape.Events)
        {
            return await reading.ConfigureAwait(false);
        }

        Task<ReadOnlyMemory<byte>> arrival = reading.AsTask();
        while (true)
        {
            try
            {
                return await arrival.WaitAsync(Silence, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!arrival.IsFaulted)
            {
                await answer.Request.Exchange.WriteAsync(Comment, cancellationToken).ConfigureAwait(false);
                await answer.Request.Exchange.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a response that the block of the route did not write.</summary>
    public static Task SendResponseAsync(AsyncRequest request, AsyncResponse response, CancellationToken cancellationToken)
        => SendAsync(request, response, ObjectFormatter.FormatAll(response.Body, AnswerShape.Plain), AnswerShape.Plain, cancellationToken);

    private static string MediaTypeOf(Answer answer) => answer.Kind switch
    {
        AnswerKind.Texts when answer.Shape.Stream == StreamShape.None => answer.Request.Route.ContentType,
        AnswerKind.Bytes
            => answer.Request.Route.ContentType.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)
                ? Bytes
                : answer.Request.Route.ContentType,
        _ => answer.Shape.MediaType,
    };

    private static async Task SendAsync(
        IExchange exchange,
        int status,
        string contentType,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        exchange.Status = status;
        exchange.SetHeader(ContentType, contentType);
        exchange.SetLength(body.Length);
        if (body.Length > 0)
        {
            await exchange.WriteAsync(body, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(
        AsyncRequest request,
        AsyncResponse response,
        byte[]? objects,
        AnswerShape shape,
        CancellationToken cancellationToken)
    {
        IExchange exchange = request.Exchange;
        foreach ((string name, string[] values) in response.Headers)
        {
            exchange.SetHeader(name, values);
        }

        if (!response.HasBody)
        {
            exchange.Status = response.Status ?? 204;
            return;
        }

        exchange.Status = response.Status ?? request.Route.Status;
        await SendBodyAsync(request, response, objects, shape, cancellationToken).ConfigureAwait(false);
    }

    private static async Task SendBodyAsync(
        AsyncRequest request,
        AsyncResponse response,
        byte[]? objects,
        AnswerShape shape,
        CancellationToken cancellationToken)
    {
        IExchange exchange = request.Exchange;
        (object? body, string? contentType, string? downloadName) = (response.Body, response.ContentType, response.DownloadName);
        if (downloadName is not null && body is not FileInfo)
        {
            exchange.SetHeader("Content-Disposition", $"attachment; filename*=UTF-8''{Uri.EscapeDataString(downloadName)}");
        }

        switch (PlainText.Unwrap(body))
        {
            case FileInfo file:
                await exchange.SendFileAsync(file, contentType, downloadName).ConfigureAwait(false);
                break;
            case Stream { CanRead: false }:
                throw WebErrors.StreamNeedsContent();
            case Stream stream:
                await using (stream.ConfigureAwait(false))
                {
                    exchange.SetHeader(ContentType, contentType ?? Bytes);
                    await CopyAsync(stream, exchange, cancellationToken).ConfigureAwait(false);
                }

                break;
            case string text:
                await SendAsync(
                    exchange,
                    exchange.Status,
                    contentType ?? request.Route.ContentType,
                    Encoding.UTF8.GetBytes(text),
                    cancellationToken)
                    .ConfigureAwait(false);
                break;
            case byte[] bytes:
                await SendAsync(exchange, exchange.Status, contentType ?? Bytes, bytes, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await SendAsync(exchange, exchange.Status, contentType ?? shape.Formatter.MediaType, objects, cancellationToken)
                    .ConfigureAwait(false);
                break;
        }
    }

    private static async Task CopyAsync(Stream stream, IExchange exchange, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                await exchange.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
