using System.Diagnostics;
using AsyncPs.Concurrency.Measuring;

namespace AsyncPs.Concurrency;

/// <content>The measurements of a call, if its caller requests them, see <see cref="CallOptions.Statistics"/>.</content>
internal sealed partial class ConcurrentCall
{
    // When the pipeline thread last had nothing more to do here.
    private long _leftAt = Stopwatch.GetTimestamp();

    /// <summary>Records the wait of an item that could have run earlier.</summary>
    /// <param name="item">The item.</param>
    /// <param name="since">Since when, as a timestamp of <see cref="Stopwatch"/>.</param>
    public void NoteWait(WorkItem item, long since)
    {
        ConcurrentStatistics statistics = Options.Statistics!;

        // An item that has run before has kept its place under the limit. Loops are available when they are needed.
        int workers = _runner.Workers;
        bool lacksWorkers = item.HasStarted || item.IsAside || (workers > 0 && workers - _runner.OpeningWorkers < Options.Limits.InFlight);
        (lacksWorkers ? statistics.Worker : statistics.Limit).AddSince(since);
    }

    private void NoteInput()
    {
        if (Options.Statistics is { } statistics && Queue.HasPlaceForMore)
        {
            statistics.Input.AddSince(_leftAt);
        }
    }

    private void NoteLeft()
    {
        if (Options.Statistics is not null)
        {
            _leftAt = Stopwatch.GetTimestamp();
        }
    }
}
