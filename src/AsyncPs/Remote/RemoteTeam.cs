using AsyncPs.Concurrency;

namespace AsyncPs.Remote;

/// <summary>
/// The remote workers of one call. Their items take no worker of this process, as requests do not, and the call treats them like any other
/// item. Workers start while items wait and none is free.
/// </summary>
internal sealed class RemoteTeam : IWorkRunner
{
    // A process that is killed while it starts is started again, up to so many times.
    private const int MaxStarts = 3;

    // Stopped items end within the grace period, or with their process soon after it.
    private static readonly TimeSpan WaitLimit = StopTimes.Grace + TimeSpan.FromSeconds(3);

    private readonly object _lock = new();
    private readonly ConcurrentCall _call;
    private readonly RemoteTarget[] _targets;
    private readonly Queue<RemoteTarget> _places;
    private readonly List<Exception> _failures = [];
    private readonly HashSet<RemoteTarget> _down = [];
    private readonly RemotePool _pool;
    private readonly HashSet<RemoteLoop> _loops = [];
    private int _count;
    private int _starting;

    /// <summary>Creates a team.</summary>
    /// <param name="call">The call.</param>
    /// <param name="targets">The targets of the processes, which get the same number each.</param>
    /// <param name="remote">The call, as its workers need it.</param>
    /// <param name="limit">The largest number of workers.</param>
    public RemoteTeam(ConcurrentCall call, RemoteTarget[] targets, RemoteCall remote, int limit)
        : this(call, targets, remote, limit, RemotePool.Shared)
    {
    }

    /// <summary>Creates a team that uses the processes of a pool.</summary>
    public RemoteTeam(ConcurrentCall call, RemoteTarget[] targets, RemoteCall remote, int limit, RemotePool pool)
    {
        _call = call;
        _targets = targets;
        _pool = pool;
        Remote = remote;

        // Every machine gets its first worker before any gets its second.
        _places = new Queue<RemoteTarget>(Enumerable.Range(0, limit).Select(place => targets[place % targets.Length]));
        Limit = limit;

        // Permits and time limits begin when an item is taken, so the item must run at once.
        CallOptions options = call.Options;
        DealsSingly = options.Detached || options.ItemTimeout is not null || options.Throttle is not null || options.OwnThrottle is not null
            || options.CircuitBreaker is not null;
    }

    /// <summary>The call, as its workers need it.</summary>
    public RemoteCall Remote { get; }

    /// <summary>The largest number of workers.</summary>
    public int Limit { get; }

    /// <summary>Whether a worker gets the next item only when it has finished the last.</summary>
    public bool DealsSingly { get; }

    /// <summary>How many items a worker gets at once.</summary>
    public BatchSize Size { get; } = new();

    /// <inheritdoc/>
    public int Workers => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public int OpeningWorkers
    {
        get
        {
            lock (_lock)
            {
                return _loops.Count(static loop => loop.IsOpening);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The last blocks may still write records. Read only when there are no more items.</remarks>
    public bool HasEnded => Workers == 0;

    /// <inheritdoc/>
    public void Added()
    {
        if (_call.Queue.Sleepers == 0)
        {
            StartLoop();
        }
    }

    /// <summary>A loop has taken items. There may be more for other loops.</summary>
    public void Took()
    {
        if (_call.Queue.Takeable == 0)
        {
            return;
        }

        if (_call.Queue.Sleepers > 0)
        {
            _call.Queue.WakeOne();
        }
        else
        {
            StartLoop();
        }
    }

    /// <summary>Records how long a batch took.</summary>
    public void Note(RemoteBatch batch)
    {
        if (DealsSingly)
        {
            return;
        }

        Size.Note(batch.Items.Count, batch.Elapsed);
        _call.Queue.Limit = Limit * Size.Items * Size.Batches;
    }

    /// <summary>Gets a worker: a warm one, or a new one.</summary>
    /// <exception cref="RemoteCallException">None is available.</exception>
    /// <exception cref="OperationCanceledException">The items were stopped.</exception>
    public async Task<RemoteWorker> GetWorkerAsync(RemoteTarget target, CancellationToken cancellationToken)
    {
        int left = MaxStarts;
        while (true)
        {
            try
            {
                return (target.Session is null ? _pool.TryTake(target) : null)
                    ?? await RemoteWorker.OpenAsync(target, cancellationToken).ConfigureAwait(false);
            }
            catch (RemoteCallException e)
            {
                if (!e.WasKilled || --left == 0)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>No worker can be started at a target. The call goes on without it if there are others.</summary>
    /// <param name="target">The target.</param>
    /// <param name="failure">Why.</param>
    /// <param name="item">An item that was to run there.</param>
    /// <returns>Another target, or null if none is left; then the call has failed.</returns>
    public async Task<RemoteTarget?> GiveUpAsync(RemoteTarget target, RemoteCallException failure, WorkItem item)
    {
        bool isFirst;
        RemoteTarget? other;
        lock (_lock)
        {
            isFirst = _down.Add(target);
            if (isFirst)
            {
                _failures.Add(failure.InnerException!);
            }

            other = Array.Find(_targets, candidate => !_down.Contains(candidate));
        }

        if (other is null)
        {
            await _call.FailAsync(_failures.Count == 1 ? _failures[0] : RemoteErrors.NoMachine(_failures)).ConfigureAwait(false);
        }
        else if (isFirst)
        {
            await TellAsync(failure.InnerException!, item).ConfigureAwait(false);
        }

        return other;
    }

    /// <summary>Returns a worker to the pool, after its last block has run unless the call was stopped.</summary>
    public async Task ReturnAsync(RemoteWorker worker)
    {
        await worker
            .LeaveAsync((kind, data) => _call.Write(new StreamRecord(null, kind, data)), _call.CancellationToken)
            .ConfigureAwait(false);
        if (worker.Target.Session is null)
        {
            _pool.Return(worker);
        }
        else
        {
            await worker.DetachAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void AddRunning(List<RunningItem> running)
    {
        lock (_lock)
        {
            running.AddRange(_loops.Select(static loop => loop.Running).OfType<RunningItem>());
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        // The call's token has reached everything that is awaited.
    }

    /// <inheritdoc/>
    public void Stop(WorkItem item)
    {
        // Its token has reached everything that is awaited.
    }

    /// <inheritdoc/>
    public void WaitForEnd()
    {
        lock (_lock)
        {
            while (_count > 0 && Monitor.Wait(_lock, WaitLimit))
            {
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Loops without an item end by themselves.
    }

    // Jobs have no pipeline to write the error to: it is a warning of the item, which must not fail.
    private ValueTask TellAsync(Exception failure, WorkItem item)
    {
        ErrorRecord error = ((IContainsErrorRecord)failure).ErrorRecord;
        return _call.Options.Detached
            ? item.WriteAsync(StreamKind.Warning, new WarningRecord(failure.Message))
            : _call.Output.WriteAsync(new StreamRecord(null, StreamKind.Error, error));
    }

    private void StartLoop()
    {
        RemoteLoop loop;
        lock (_lock)
        {
            if (_starting >= Environment.ProcessorCount || _call.Queue.IsAbandoned)
            {
                return;
            }

            RemoteTarget? target;
            do
            {
                if (!_places.TryDequeue(out target))
                {
                    return;
                }
            }
            while (_down.Contains(target));

            _count++;
            _starting++;
            loop = new RemoteLoop(this, _call, target);
            _loops.Add(loop);
        }

        _ = Task.Run(() => RunAsync(loop));
    }

    private async Task RunAsync(RemoteLoop loop)
    {
        try
        {
            lock (_lock)
            {
                _starting--;
            }

            await loop.RunAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _call.Fail(e);
        }
        finally
        {
            lock (_lock)
            {
                _loops.Remove(loop);
                _count--;
                Monitor.PulseAll(_lock);
            }

            _call.Output.WakeUp();
            Took();
        }
    }
}
