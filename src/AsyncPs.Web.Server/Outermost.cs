using System.Diagnostics;
using AsyncPs.Web.Binding;
using AsyncPs.Web.Hosting;
using Microsoft.AspNetCore.Http;

namespace AsyncPs.Web.Server;

/// <summary>
/// The outermost part of the pipeline: headers of every answer, a default body for error statuses, and the log.
/// </summary>
/// <param name="options">The options of the server.</param>
internal sealed class Outermost(ServerOptions options)
{
    private const int ClientGone = 499;

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        long begun = Stopwatch.GetTimestamp();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null } response)
            {
                await WriteProblemAsync(context, Problem.ForStatus(response.StatusCode)).ConfigureAwait(false);
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await WriteProblemAsync(context, Problem.ForStatus(e.StatusCode)).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected.
        }
        finally
        {
            options.Answered?.Invoke();
            options.Recorded?.Invoke(RecordOf(context, begun));
        }
    }

    private static async Task WriteProblemAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.MediaType;
        byte[] body = problem.ToJson();
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static RequestRecord RecordOf(HttpContext context, long begun) => new()
    {
        Time = DateTime.Now,
        Method = context.Request.Method,
        Path = context.Request.Path.Value ?? "",
        Route = context.GetEndpoint()?.DisplayName,
        Status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ClientGone : context.Response.StatusCode,
        Duration = Stopwatch.GetElapsedTime(begun),
        RemoteAddress = context.Connection.RemoteIpAddress?.ToString(),
        Protocol = context.Request.Protocol,
        Id = context.Items.TryGetValue(Exchange.Failure, out object? id) ? id as string : null,
    };
}
