using AsyncPs.Blocks.Capture;
using AsyncPs.Web.Hosting;
using AsyncPs.Web.OpenApi;

namespace AsyncPs.Web.Serving;

/// <summary>The routes of a server, ready to answer requests of any origin.</summary>
internal sealed class WebApp : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads everything the blocks need from the caller's session.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="options">How requests are run.</param>
    /// <param name="capture">What blocks capture of the caller's session.</param>
    /// <param name="caller">The cmdlet that was given the routes.</param>
    /// <param name="log">Receives the records.</param>
    /// <param name="description">The API description, or null for none.</param>
    /// <exception cref="ConcurrentArgumentException">The routes conflict, or something that a block names does not exist.</exception>
    public WebApp(
        IReadOnlyList<AsyncRoute> routes,
        AppOptions options,
        CaptureOptions capture,
        PSCmdlet caller,
        ServerLog log,
        ApiDescription? description)
    {
        Options = options;
        Log = log;
        Admission = new Admission(options.ThrottleLimit, options.QueueLimit);
        LongAdmission = new Admission(options.ThrottleLimit, queue: 0);
        Ending = _ending.Token;
        if (ConflictIn(routes) is { } conflict)
        {
            throw WebErrors.RoutesConflict(conflict);
        }

        ScriptBlock?[] blocks = [.. routes.SelectMany(static route => new[] { route.ScriptBlock, route.Authorize }), options.Authorize];
        Blocks = new RouteBlocks(blocks.OfType<ScriptBlock>(), options, capture, caller, failure => _failure.TrySetResult(failure));
        Endpoints = [.. routes.Select(EndpointOf), .. description?.Endpoints(routes, this) ?? []];
    }

    /// <summary>How requests are run.</summary>
    public AppOptions Options { get; }

    /// <summary>The endpoints.</summary>
    public IReadOnlyList<WebEndpoint> Endpoints { get; }

    /// <summary>The blocks.</summary>
    public RouteBlocks Blocks { get; }

    /// <summary>Receives the records.</summary>
    public ServerLog Log { get; }

    /// <summary>The places for requests.</summary>
    public Admission Admission { get; }

    /// <summary>The places for streams and web sockets, which last longer.</summary>
    public Admission LongAdmission { get; }

    /// <summary>Canceled when running requests must end.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Completes with the failure when something fails that all requests depend on.</summary>
    public Task<Exception> Failure => _failure.Task;

    /// <summary>Stops the running requests.</summary>
    public void Stop() => _ = _ending.CancelAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        Blocks.Dispose();
        Log.Complete();
    }

    /// <summary>The endpoint of a route.</summary>
    internal WebEndpoint EndpointOf(AsyncRoute route)
    {
        var handler = new RouteHandler(route, this);
        string[] methods = route.IsWebSocket ? ["GET", "CONNECT"]
            : route.Method.Contains("GET") && !route.Method.Contains("HEAD") ? [.. route.Method, "HEAD"]
            : [.. route.Method];
        return new WebEndpoint(methods, route.Path, handler.HandleAsync)
        {
            Name = route.ToString(),
            Folder = route.Folder,
            MaximumBodySize = route.MaximumBodySize,
        };
    }

    /// <summary>The endpoint of a fixed answer, for clients that the server admits.</summary>
    internal WebEndpoint FixedEndpoint(string path, Func<IExchange, Task> answer)
        => new(["GET", "HEAD"], path, new RouteHandler(new AsyncRoute(path), this, answer).HandleAsync) { Name = $"GET {path}" };

    private static AsyncRoute? ConflictIn(IReadOnlyList<AsyncRoute> routes)
    {
        HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);
        return routes.FirstOrDefault(
            route => !route.Method.All(
                method => known.Add($"{(route.IsWebSocket ? "GET" : method)} {Routing.RoutePath.Shape(route.Path)}")));
    }
}
