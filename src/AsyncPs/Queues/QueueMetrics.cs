using System.Diagnostics.Metrics;
using AsyncPs.Telemetry;

namespace AsyncPs.Queues;

/// <summary>The figures of all queues, read off them when someone asks.</summary>
internal static class QueueMetrics
{
    private const string NameTag = "asyncps.queue.name";

    private static int _published;

    /// <summary>The queues.</summary>
    public static LiveSet<AsyncQueue> Queues { get; } = new();

    /// <summary>Makes the figures known to those who listen. Once.</summary>
    public static void Publish()
    {
        if (Interlocked.Exchange(ref _published, 1) == 0)
        {
            Metrics.Meter.CreateObservableUpDownCounter("asyncps.queue.depth", Depths, "{item}", "Items that wait in queues to be read.");
        }
    }

    // Names that were made up differ from run to run, and are many: those queues are one figure.
    private static Measurement<long>[] Depths() => Queues.All
        .GroupBy(static queue => queue.HasName ? queue.Name : null)
        .Select(static queues => Of(queues.Sum(static queue => (long)queue.Count), queues.Key))
        .ToArray();

    private static Measurement<long> Of(long depth, string? name)
        => name is null ? new(depth) : new(depth, KeyValuePair.Create<string, object?>(NameTag, name));
}
