using System.Collections;
using AsyncPs.Concurrency;
using AsyncPs.Blocks;
using AsyncPs.Blocks.Capture;
using AsyncPs.Web.Answers;
using AsyncPs.Web.Routing;

namespace AsyncPs.Web.Serving;

/// <summary>
/// The blocks of all routes as calls of the engine, whose items are the requests. Requests whose blocks suspend share workers; so the
/// others, which may wait or compute for long in a worker, are a call with workers of its own.
/// </summary>
internal sealed class RouteBlocks : IDisposable
{
    // A stopped request has time to clean up.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly object _starting = new();
    private readonly Dictionary<ScriptBlock, int> _indexes = [];
    private readonly ScriptJob _job;
    private readonly ConcurrentCall _apart;
    private readonly ConcurrentCall? _sharing;

    /// <summary>Reads everything the blocks need from the caller's session, and opens the calls.</summary>
    /// <param name="blocks">The blocks; one may occur twice.</param>
    /// <param name="options">How requests are run.</param>
    /// <param name="capture">What blocks capture of the caller's session.</param>
    /// <param name="caller">The cmdlet that was given the routes.</param>
    /// <param name="failed">Called when something fails that all requests depend on.</param>
    /// <exception cref="ConcurrentArgumentException">Something that a block names does not exist.</exception>
    public RouteBlocks(
        IEnumerable<ScriptBlock> blocks,
        AppOptions options,
        CaptureOptions capture,
        PSCmdlet caller,
        Action<Exception> failed)
    {
        foreach (ScriptBlock block in blocks.Append(RequestWarmUp.Block))
        {
            _indexes.TryAdd(block, _indexes.Count);
        }

        ScriptBlock[] all = [.. _indexes.Keys];
        var scripts = WorkerScripts.None with { InputVariable = RouteDefinition.RequestVariable };
        _job = new ScriptJob(all, arguments: null, capture, scripts, caller);
        var callOptions = new CallOptions(CallLimits.Elsewhere)
        {
            Source = CallSource.Of(caller),
            Role = CallRole.Service,
            Throttle = options.Throttle,
            HasContext = Array.Exists(all, ContextVariable.IsNamedIn),
            StopGrace = StopGrace,
        };

        // Streams and web sockets have separate places.
        int workers = (int)Math.Min(int.MaxValue, 2L * options.ThrottleLimit);
        ScriptJob apart = _job.Apart();
        _apart = ConcurrentCall.OpenDetached(callOptions, call => apart.CreateTeam(call, workers), failed);
        if (_job.HasAwaits)
        {
            _sharing = ConcurrentCall.OpenDetached(callOptions, call => _job.CreateTeam(call, workers), failed);
        }
    }

    /// <summary>Runs a block for a request.</summary>
    /// <param name="block">The block.</param>
    /// <param name="parameters">Its arguments by name, or null.</param>
    /// <param name="answer">Receives its output.</param>
    public WorkItem Start(ScriptBlock block, IDictionary? parameters, Answer answer)
    {
        int index = _indexes[block];
        var invocation = new ItemInvocation(index, parameters);
        ConcurrentCall call = _sharing is not null && _job.MayShareOf(index) ? _sharing : _apart;
        lock (_starting)
        {
            return call.Start(answer.Request, invocation, answer);
        }
    }

    /// <summary>Stops everything that runs.</summary>
    public void Stop()
    {
        _sharing?.Stop();
        _apart.Stop();
    }

    /// <summary>Stops what still runs, and waits for its end within a grace period.</summary>
    public void Dispose()
    {
        // At once, so that workers do not look for more items.
        _sharing?.Queue.Complete();
        _apart.Queue.Complete();
        Stop();
        _sharing?.Dispose();
        _apart.Dispose();
    }
}
