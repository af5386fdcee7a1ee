using AsyncPs.Telemetry;

namespace AsyncPs.Throttling;

/// <summary>
/// The metrics of all limiters together, computed when a listener reads them. Limiters have no names to distinguish them by.
/// </summary>
internal static class ThrottleMetrics
{
    private static int _published;

    /// <summary>The limiters.</summary>
    public static LiveSet<Throttle> Throttles { get; } = new();

    /// <summary>Creates the instruments for listeners. Called once.</summary>
    public static void Publish()
    {
        if (Interlocked.Exchange(ref _published, 1) == 1)
        {
            return;
        }

        Metrics.Meter.CreateObservableUpDownCounter(
            "asyncps.permits.taken", () => Throttles.All.Sum(static throttle => (long)throttle.Taken), "{permit}", "Permits that are out.");
        Metrics.Meter.CreateObservableUpDownCounter(
            "asyncps.permits.waiting",
            () => Throttles.All.Sum(static throttle => (long)throttle.Waiting),
            "{request}",
            "Code and items that wait for a permit.");
    }
}
