using System.Diagnostics.Metrics;
using AsyncPs.Telemetry;

namespace AsyncPs.Queues;

/// <summary>The metrics of all queues, computed when a listener reads them.</summary>
internal static class QueueMetrics
{
    private const string NameTag = "asyncps.queue.name";

    private static int _published;

    /// <summary>The queues.</summary>
    public static LiveSet<AsyncQueue> Queues { get; } = new();

    /// <summary>Creates the instruments for listeners. Called once.</summary>
    public static void Publish()
    {
        if (Interlocked.Exchange(ref _published, 1) == 0)
        {
            Metrics.Meter.CreateObservableUpDownCounter("asyncps.queue.depth", Depths, "{item}", "Items that wait in queues to be read.");
        }
    }

    // Generated names differ from run to run, and there are many, so queues without a name of their own share one value.
    private static Measurement<long>[] Depths() => Queues.All
        .GroupBy(static queue => queue.HasName ? queue.Name : null)
        .Select(static queues => Of(queues.Sum(static queue => (long)queue.Count), queues.Key))
        .ToArray();

    private static Measurement<long> Of(long depth, string? name)
        => name is null ? new(depth) : new(depth, KeyValuePair.Create<string, object?>(NameTag, name));
}
