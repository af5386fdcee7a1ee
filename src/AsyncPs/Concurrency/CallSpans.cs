using System.Diagnostics;
using AsyncPs.Telemetry;

namespace AsyncPs.Concurrency;

/// <summary>The spans of calls and items.</summary>
internal static class CallSpans
{
    /// <summary>Begins the span of a call; null without a listener, or if the call has none.</summary>
    public static Activity? Begin(CallOptions options, long id)
    {
        if (!Tracing.IsEnabled || options.Role != CallRole.Work)
        {
            return null;
        }

        TagList tags = new() { { "asyncps.call.id", id } };
        if (options.Source is { File: { } file } source)
        {
            tags.Add("code.file.path", file);
            tags.Add("code.line.number", source.Line);
        }

        return Tracing.Begin(options.Source?.Command ?? "call", ActivityKind.Internal, default, tags);
    }

    /// <summary>A call has ended.</summary>
    public static void End(Activity span, CallTotals totals, Exception? canceledBy)
    {
        span.SetTag("asyncps.items.ended", totals.Ended);
        span.SetTag("asyncps.items.failed", totals.Failed);
        if (canceledBy is not null)
        {
            Tracing.Fail(span, canceledBy.GetType().FullName!, canceledBy is TimeoutException ? canceledBy.Message : null);
        }

        Tracing.End(span);
    }

    /// <summary>Begins the span of an item that is about to run; null without a listener.</summary>
    /// <param name="item">The item.</param>
    /// <param name="asker">The span of the item's requester, if it differs from the span of the call; or default.</param>
    public static Activity? Begin(WorkItem item, ActivityContext asker)
    {
        ActivityContext parent = item.Outer?.State?.Span?.Context ?? item.Call.Span?.Context ?? asker;

        // Set afterwards: a list of tags costs more than the rest of a span.
        Activity? span = Tracing.Begin("item", ActivityKind.Internal, parent);
        span?.SetTag("asyncps.item.index", item.Index);
        return span;
    }

    /// <summary>Notes that an item is tried again.</summary>
    public static void Retry(Activity span, int attempt, ErrorRecord? error) => span.AddEvent(new ActivityEvent(
        "retry", tags: new ActivityTagsCollection { { "asyncps.item.attempt", attempt }, { "error.type", TypeOf(error) } }));

    /// <summary>An item has ended.</summary>
    public static void End(Activity span, ConcurrentStatus status, int attempts, ErrorRecord? error)
    {
        if (attempts > 1)
        {
            span.SetTag("asyncps.item.attempts", attempts);
        }

        if (status != ConcurrentStatus.Succeeded)
        {
            Tracing.Fail(span, status == ConcurrentStatus.Failed ? TypeOf(error) : status.ToString(), error?.ToString());
        }

        Tracing.End(span);
    }

    private static string TypeOf(ErrorRecord? error) => error?.Exception?.GetType().FullName ?? "error";
}
