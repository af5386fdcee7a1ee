using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// The items of a worker whose blocks are suspended. They resume in this worker alone, which takes the ready ones from here. Any thread
/// may wake or stop an item.
/// </summary>
internal sealed class SuspendedItems
{
    private readonly object _lock = new();
    private readonly Dictionary<WorkItem, Entry> _entries = [];
    private readonly Queue<Entry> _ready = [];
    private int _count;

    /// <summary>Wakes the worker. Set by the team.</summary>
    public Action? Wake { get; set; }

    /// <summary>How many items there are, ready or not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds an item that has just suspended. On the worker's thread.</summary>
    public void Add(WorkItem item, IPausedBlock block)
    {
        var entry = new Entry(this, item, block);
        lock (_lock)
        {
            _entries.Add(item, entry);
            Volatile.Write(ref _count, _entries.Count);
        }

        entry.WatchTime();
        block.WhenReady(entry.IsReady);
        if (item.MustEnd)
        {
            // The item was stopped before it was here.
            Stop(item);
        }
    }

    /// <summary>Adds the items to a list of running ones. Any thread.</summary>
    public void AddTo(List<RunningItem> running)
    {
        lock (_lock)
        {
            running.AddRange(_entries.Values.Select(static entry => new RunningItem(entry.Item, Place: entry.Block.Place)));
        }
    }

    /// <summary>Takes the item that has been ready for the longest time. On the worker's thread.</summary>
    public bool TryTakeReady([NotNullWhen(true)] out WorkItem? item)
    {
        lock (_lock)
        {
            while (_ready.TryDequeue(out Entry? entry))
            {
                if (Remove(entry))
                {
                    item = entry.Item;
                    item.State?.Exclude(entry.TimeReady);
                    return true;
                }
            }
        }

        item = null;
        return false;
    }

    /// <summary>
    /// Ends an item, if it is here: at once if none of its block is left to run, otherwise as soon as the worker gets to it.
    /// </summary>
    public void Stop(WorkItem item)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(item, out entry))
            {
                return;
            }

            if (entry.Block.HasCleanUp)
            {
                entry.Block.Stop();
                Enqueue(entry);
            }
            else
            {
                Remove(entry);
            }
        }

        if (!entry.Block.IsStopped)
        {
            entry.Block.Dispose();
            item.Paused = null;
            item.End(stopped: true);
        }

        // Also when the worker has no item left to wait for.
        Wake?.Invoke();
    }

    /// <summary>Ends the items of a call, as <see cref="Stop"/> does. The worker may have gone on to another call by now.</summary>
    public void StopAll(ConcurrentCall call)
    {
        Array.ForEach(Array.FindAll(All(), item => item.Call == call), Stop);
        Wake?.Invoke();
    }

    /// <summary>Gives up all items, because their session is gone or will not be free.</summary>
    /// <param name="end">Ends an item.</param>
    public void GiveUp(Action<WorkItem> end)
    {
        foreach (WorkItem item in All())
        {
            Entry? entry;
            lock (_lock)
            {
                if (!_entries.TryGetValue(item, out entry))
                {
                    continue;
                }

                Remove(entry);
            }

            entry.Block.Dispose();
            end(item);
        }

        Wake?.Invoke();
    }

    private WorkItem[] All()
    {
        lock (_lock)
        {
            return [.. _entries.Keys];
        }
    }

    // Under the lock.
    private void Enqueue(Entry entry)
    {
        if (entry.TryBecomeReady())
        {
            _ready.Enqueue(entry);
        }
    }

    // Under the lock. False if another thread has removed it.
    private bool Remove(Entry entry)
    {
        if (!_entries.TryGetValue(entry.Item, out Entry? current) || current != entry)
        {
            return false;
        }

        entry.Dispose();
        _entries.Remove(entry.Item);
        Volatile.Write(ref _count, _entries.Count);
        return true;
    }

    private sealed class Entry(SuspendedItems home, WorkItem item, IPausedBlock block) : IDisposable
    {
        private long _readySince;
        private Timer? _time;

        public WorkItem Item => item;

        public IPausedBlock Block => block;

        /// <summary>How long the item was ready while the worker was busy with others. That does not count as the item's time.</summary>
        public TimeSpan TimeReady => Stopwatch.GetElapsedTime(_readySince);

        public void WatchTime()
        {
            if (item.Call.Options.ItemTimeout is not null)
            {
                _time = Guarded.Timer(TimeIsOver, item.Call.Fail);
                _time.Change(item.State!.TimeLeft, Timeout.InfiniteTimeSpan);
            }
        }

        // Runs on the thread that completed the awaited task. If that thread belongs to another worker, an interrupt there is meant for
        // that worker's item, and must not be lost either.
        public void IsReady()
        {
            try
            {
                GoOn();
            }
            catch (ThreadInterruptedException)
            {
                Guarded.Queue(GoOn);
                Thread.CurrentThread.Interrupt();
            }
        }

        public bool TryBecomeReady()
        {
            if (_readySince != 0)
            {
                return false;
            }

            _readySince = Stopwatch.GetTimestamp();
            _time?.Dispose();
            return true;
        }

        public void Dispose() => _time?.Dispose();

        private void GoOn()
        {
            lock (home._lock)
            {
                if (!home._entries.TryGetValue(item, out Entry? current) || current != this)
                {
                    return;
                }

                home.Enqueue(this);
            }

            home.Wake?.Invoke();
        }

        private void TimeIsOver()
        {
            lock (home._lock)
            {
                if (_readySince != 0 || !home._entries.TryGetValue(item, out Entry? current) || current != this)
                {
                    return;
                }

                item.State!.TimeIsOver();
            }

            home.Stop(item);
        }
    }
}
