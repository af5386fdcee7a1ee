using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Watches the time of the item that a worker runs. A timer an item would cost as much as a short item: the one timer
/// here fires when the first item's time would be over, sees that another runs since, and waits for that one's.
/// An item that comes back has less time left: for it the timer is set anew.
/// </summary>
internal sealed class ItemClock(Action<WorkItem> expired) : IDisposable
{
    private readonly object _lock = new();
    private Timer? _timer;
    private WorkItem? _item;
    private long _deadline;
    private long _due;
    private bool _armed;

    /// <summary>An item runs from now on.</summary>
    public void Start(WorkItem item)
    {
        TimeSpan left = item.State!.TimeLeft;
        lock (_lock)
        {
            _item = item;
            _deadline = Environment.TickCount64 + (long)left.TotalMilliseconds;
            if (!_armed || _deadline < _due)
            {
                Arm(left);
            }
        }
    }

    /// <summary>It does not run any more.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _item = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _item = null;
            _timer?.Dispose();
            _timer = null;
            _armed = true;
        }
    }

    private void Arm(TimeSpan left)
    {
        _armed = true;
        _due = Environment.TickCount64 + (long)left.TotalMilliseconds;
        _timer ??= Guarded.Timer(Check);
        _timer.Change(left, Timeout.InfiniteTimeSpan);
    }

    private void Check()
    {
        WorkItem? item;
        lock (_lock)
        {
            _armed = _timer is null;
            item = _item;
            if (item is null || _armed)
            {
                return;
            }

            long left = _deadline - Environment.TickCount64;
            if (left > 0)
            {
                Arm(TimeSpan.FromMilliseconds(left));
                return;
            }
        }

        expired(item);
    }
}
