using System.Diagnostics;
using AsyncPs.Telemetry;
using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>The spans of answered requests. The work of their blocks is part of them.</summary>
internal static class ServerSpans
{
    /// <summary>
    /// Begins the span of a request, and makes it current in the asynchronous method that calls this. Its parent is the span that the
    /// client has named, or the web framework's span if that has a listener.
    /// </summary>
    /// <returns>Null when no one listens.</returns>
    public static Activity? Enter(IExchange exchange, AsyncRoute route)
    {
        if (!Tracing.IsEnabled)
        {
            return null;
        }

        // The framework creates a span for its log in any case. Without a listener, that span has no source.
        Activity? framework = Activity.Current;
        ActivityContext parent = framework is { Recorded: true, Source.Name.Length: > 0 } ? framework.Context
            : ActivityContext.TryParse(First("traceparent"), First("tracestate"), isRemote: true, out ActivityContext remote) ? remote
            : default;
        Activity? span = Tracing.Begin($"{exchange.Method} {route.Path}", ActivityKind.Server, parent, new TagList
        {
            { "http.request.method", exchange.Method },
            { "http.route", route.Path },
            { "url.path", exchange.Path },
        });
        if (span is not null)
        {
            Activity.Current = span;
        }

        return span;

        string? First(string header) => exchange.Header(header) is [var value, ..] ? value : null;
    }

    /// <summary>The request was answered, or its client has gone.</summary>
    public static void End(Activity span, IExchange exchange)
    {
        span.SetTag("http.response.status_code", exchange.Status);
        if (exchange.Status >= 500)
        {
            Tracing.Fail(span, exchange.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        Tracing.End(span);
    }
}
