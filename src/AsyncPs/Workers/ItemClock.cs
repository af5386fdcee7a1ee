using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Watches the time-out of the item that a worker runs. A timer per item would cost as much as a short item. The one timer here fires
/// when the first item would time out, sees that another item runs by then, and waits for that one. For a resumed item, which has less
/// time left, the timer is set anew.
/// </summary>
internal sealed class ItemClock(Action<WorkItem> expired) : IDisposable
{
    private readonly object _lock = new();
    private Timer? _timer;
    private WorkItem? _item;
    private long _deadline;
    private long _due;
    private bool _armed;

    /// <summary>Starts to watch an item.</summary>
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

    /// <summary>Stops watching the item.</summary>
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
