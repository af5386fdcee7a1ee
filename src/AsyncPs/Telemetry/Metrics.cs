using System.Diagnostics.Metrics;

namespace AsyncPs.Telemetry;

/// <summary>The metrics of the module: the <see cref="System.Diagnostics.Metrics.Meter"/> "AsyncPs".</summary>
internal static class Metrics
{
    /// <summary>The name of the meter, and of the source of spans.</summary>
    public const string Name = "AsyncPs";

    /// <summary>The version of the module.</summary>
    public static readonly string? Version = typeof(Metrics).Assembly.GetName().Version?.ToString(3);

    /// <summary>The meter.</summary>
    public static readonly Meter Meter = new(Name, Version);

    /// <summary>How long requests take, in seconds.</summary>
    public static readonly Histogram<double> RequestDuration = Meter.CreateHistogram<double>(
        "asyncps.request.duration", "s", "Time of an HTTP request, until the response is read.");

    /// <summary>How long queries take, in seconds.</summary>
    public static readonly Histogram<double> QueryDuration = Meter.CreateHistogram<double>(
        "asyncps.query.duration", "s", "Time of a database query, until its rows are read.");
}
