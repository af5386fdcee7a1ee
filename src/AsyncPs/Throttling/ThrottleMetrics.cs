using AsyncPs.Telemetry;

namespace AsyncPs.Throttling;

/// <summary>The figures of all limiters together, read off them when someone asks: they have no names to tell them by.</summary>
internal static class ThrottleMetrics
{
    private static int _published;

    /// <summary>The limiters.</summary>
    public static LiveSet<Throttle> Throttles { get; } = new();

    /// <summary>Makes the figures known to those who listen. Once.</summary>
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
