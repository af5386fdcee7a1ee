using System.Diagnostics;
using System.Globalization;
using AsyncPs.Http.Requests;
using AsyncPs.Telemetry;

namespace AsyncPs.Http;

/// <summary>The spans and durations of requests, by the names of OpenTelemetry's conventions. They contain nothing secret.</summary>
internal static class RequestSignals
{
    // The name that .NET's own handler uses.
    private const string TraceParent = "traceparent";

    /// <summary>A request begins; null without a listener.</summary>
    public static ClientOperation? Begin(HttpRequest request)
    {
        if (!ClientOperation.IsEnabled(Metrics.RequestDuration))
        {
            return null;
        }

        string method = request.Method.Method;
        return ClientOperation.Begin(
            Metrics.RequestDuration,
            method,
            new TagList
            {
                { "http.request.method", method },
                { "server.address", request.Uri.Host },
                { "server.port", request.Uri.Port },
            },
            new TagList { { "url.full", Uris.Show(request.Uri) } });
    }

    /// <summary>The response has begun.</summary>
    public static void Answered(ClientOperation operation, HttpResponseMessage response)
        => operation.Add("http.response.status_code", (int)response.StatusCode);

    /// <summary>The request failed or was aborted.</summary>
    public static void Failed(ClientOperation operation, Exception exception)
    {
        string type = exception is HttpCallException { StatusCode: { } status }
            ? ((int)status).ToString(CultureInfo.InvariantCulture)
            : (exception.InnerException ?? exception).GetType().FullName!;
        operation.End(type, exception is HttpCallException ? exception.Message : null);
    }

    /// <summary>
    /// Adds the header <c>traceparent</c> to a request, unless it has one. .NET's handler would do that too, but would also create its
    /// own spans.
    /// </summary>
    public static void Propagate(HttpRequestMessage message)
    {
        if (Activity.Current is { } span && !message.Headers.NonValidated.Contains(TraceParent))
        {
            DistributedContextPropagator.Current.Inject(
                span,
                message,
                static (carrier, name, value) => ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value));
        }
    }
}
