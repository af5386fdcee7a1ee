using System.Diagnostics;

namespace AsyncPs.Telemetry;

/// <summary>
/// The spans of the module: the <see cref="ActivitySource"/> "AsyncPs". Without a listener, no span is created.
/// </summary>
internal static class Tracing
{
    private static readonly ActivitySource Source = new(Metrics.Name, Metrics.Version);

    /// <summary>Whether there is a listener. Cheap enough to check for every item.</summary>
    public static bool IsEnabled => Source.HasListeners();

    /// <summary>Begins a span, which does not become the current one. It is to be ended by <see cref="End"/>.</summary>
    /// <param name="name">Its name: one of few.</param>
    /// <param name="kind">Which side of a connection it stands for, if any.</param>
    /// <param name="parent">The span that it belongs to; default: the current one.</param>
    /// <param name="tags">What is known of it at its beginning.</param>
    /// <returns>Null if no listener wants it.</returns>
    public static Activity? Begin(
        string name, ActivityKind kind, ActivityContext parent, IEnumerable<KeyValuePair<string, object?>>? tags = null)
    {
        // The context as a whole: a worker's session looks changed when it is another, even an equal one.
        ExecutionContext? context = ExecutionContext.Capture();
        Activity? span = null;

        // A listener that fails must not end what it listens to.
        Guarded.Run(() => span = Source.StartActivity(name, kind, parent, tags));
        Restore(context);
        return span;
    }

    /// <summary>Ends a span, without changing the current one.</summary>
    public static void End(Activity span)
    {
        ExecutionContext? context = ExecutionContext.Capture();
        Guarded.Run(span.Stop);
        Restore(context);
    }

    /// <summary>Marks the operation of a span as failed.</summary>
    /// <param name="span">The span.</param>
    /// <param name="type">What kind of failure it is: one of few.</param>
    /// <param name="description">More about it, or null.</param>
    public static void Fail(Activity span, string type, string? description = null)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error, description);
    }

    private static void Restore(ExecutionContext? context)
    {
        if (context is not null)
        {
            ExecutionContext.Restore(context);
        }
    }
}
