using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>A worker in the role of a consumer of items. It resumes items of its own session first, but is fair to new ones.</summary>
/// <param name="worker">The worker.</param>
internal sealed class WorkerItemConsumer(Worker worker) : ItemConsumer
{
    // After this many of its own items in a row, it takes an item that has not started, if there is one.
    private const int OwnInARow = 64;

    private int _ownInARow;

    /// <summary>Whether items may start beside suspended ones.</summary>
    public Func<bool>? MayShare { get; set; }

    /// <inheritdoc/>
    public override bool HasOwn => worker.Suspended.Count > 0 && !worker.StopRequested;

    /// <inheritdoc/>
    public override bool TakesNew => !worker.IsSpoilt && (worker.Suspended.Count == 0 || MayShare?.Invoke() == true);

    /// <inheritdoc/>
    public override bool PrefersOwn
    {
        get
        {
            if (_ownInARow < OwnInARow)
            {
                return true;
            }

            _ownInARow = 0;
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool TryTakeOwn([NotNullWhen(true)] out WorkItem? item)
    {
        item = null;
        if (!HasOwn || !worker.Suspended.TryTakeReady(out item))
        {
            return false;
        }

        _ownInARow++;
        return true;
    }
}
