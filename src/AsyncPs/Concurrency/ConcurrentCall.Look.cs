namespace AsyncPs.Concurrency;

/// <content>What somebody sees who looks at a call while it runs. Nothing here is kept for an item that just runs.</content>
internal sealed partial class ConcurrentCall
{
    private readonly HashSet<WorkItem> _aside = [];
    private long _retried;

    /// <summary>What the items come from, if they come by themselves: streams and queues; or null.</summary>
    public IReadOnlyList<object>? FedBy { get; set; }

    /// <summary>How often an item was tried again.</summary>
    public long Retried => Volatile.Read(ref _retried);

    /// <summary>How many workers the call has, those that open included.</summary>
    public int Workers => _runner.Workers;

    /// <summary>How many of them do not take items yet.</summary>
    public int OpeningWorkers => _runner.OpeningWorkers;

    /// <summary>Whether there will be no more input.</summary>
    public bool IsComplete => Volatile.Read(ref _complete) && !Volatile.Read(ref _feeding);

    /// <summary>Whether the items are to end before their time.</summary>
    public bool IsEnding => Queue.IsAbandoned;

    /// <summary>What an item runs, in words; null if nobody can say.</summary>
    public string? Describe(WorkItem item) => _runner.Describe(item);

    /// <summary>An item is tried again.</summary>
    public void CountRetry() => Interlocked.Increment(ref _retried);

    /// <summary>
    /// Notes that an item is in nobody's hands for a while: it waits for a permit, for another attempt, or for what it has written.
    /// </summary>
    public void PutAside(WorkItem item)
    {
        lock (_aside)
        {
            item.IsAside = true;
            _aside.Add(item);
        }
    }

    /// <summary>The items in flight, each once, in the order of the input.</summary>
    public IReadOnlyList<RunningItem> ItemsInFlight()
    {
        List<RunningItem> found = [];
        _runner.AddRunning(found);
        Pending.AddTo(found);
        found.AddRange(Queue.Resumed.Select(static item => new RunningItem(item)));
        lock (_aside)
        {
            found.AddRange(_aside.Select(static item => new RunningItem(item)));
        }

        return [.. found.DistinctBy(static running => running.Item).OrderBy(static running => running.Item.Index)];
    }

    private void ForgetAside(WorkItem item)
    {
        if (item.IsAside)
        {
            lock (_aside)
            {
                _aside.Remove(item);
            }
        }
    }
}
