namespace AsyncPs.Concurrency;

/// <content>What inspection can see of a running call. None of this is recorded for an item that just runs.</content>
internal sealed partial class ConcurrentCall
{
    private readonly HashSet<WorkItem> _aside = [];
    private long _retried;
    private long _dropped;

    /// <summary>The streams and queues that feed the call, or null.</summary>
    public IReadOnlyList<object>? FedBy { get; set; }

    /// <summary>How many retries there were.</summary>
    public long Retried => Volatile.Read(ref _retried);

    /// <summary>How many items have started so far.</summary>
    public CallTotals Totals
    {
        get
        {
            // Read in this order, so that the ended items are a subset of the started ones.
            long failed = Failed;
            long ended = Finished - Volatile.Read(ref _dropped);
            return new CallTotals(Math.Max(ended, Added - Waiting - Volatile.Read(ref _dropped)), ended, failed, Retried);
        }
    }

    /// <summary>How many items wait to start: for a place, or for their first permit.</summary>
    public int Waiting
    {
        get
        {
            lock (_aside)
            {
                return Queue.Count + _aside.Count(static item => !item.HasStarted);
            }
        }
    }

    /// <summary>How many workers the call has, including those that are opening.</summary>
    public int Workers => _runner.Workers;

    /// <summary>How many workers are still opening.</summary>
    public int OpeningWorkers => _runner.OpeningWorkers;

    /// <summary>Whether there is no more input.</summary>
    public bool IsComplete => Volatile.Read(ref _complete) && !Volatile.Read(ref _feeding);

    /// <summary>Whether the items are being canceled.</summary>
    public bool IsEnding => Queue.IsAbandoned;

    /// <summary>Describes what an item runs; null if that is unknown.</summary>
    public string? Describe(WorkItem item) => _runner.Describe(item);

    /// <summary>Counts a retry.</summary>
    public void CountRetry()
    {
        Interlocked.Increment(ref _retried);
        Options.Statistics?.CountRetry();
    }

    /// <summary>
    /// Notes that the item holds no worker for now, because it waits for a permit, a retry, or a task that it has written.
    /// </summary>
    public void PutAside(WorkItem item)
    {
        lock (_aside)
        {
            item.IsAside = true;
            _aside.Add(item);
        }
    }

    /// <summary>The items in flight, each once, in input order.</summary>
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
