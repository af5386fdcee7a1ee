using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// The workers of one call. The team starts empty and grows while input waits and another worker would help. Its workers return to the
/// pool when the call ends.
/// </summary>
internal sealed class WorkerTeam : IWorkRunner
{
    // How long a worker waits for input from a feed before it is left to other calls.
    private static readonly TimeSpan FeedWaitLimit = TimeSpan.FromMilliseconds(250);

    // The number of workers whose threads are checked, because each check costs a few microseconds.
    private const int SampleSize = 8;

    private readonly ConcurrentCall _call;
    private readonly IWorkerJob _job;
    private readonly WorkerPool _pool;
    private readonly WorkerLifetime _lifetime;
    private readonly int _limit;
    private readonly int _eager;
    private readonly WorkerScaler _scaler;
    private readonly object _lock = new();
    private readonly HashSet<Worker> _members = [];
    private readonly HashSet<Worker> _starting = [];
    private int _size;
    private bool _stopped;
    private long _stoppedAt;

    /// <summary>Creates an empty team.</summary>
    /// <param name="call">The call whose items it runs.</param>
    /// <param name="job">What to do with an item.</param>
    /// <param name="pool">The pool of idle workers.</param>
    /// <param name="limit">The largest number of workers.</param>
    /// <param name="languageMode">The caller's language mode, which its workers keep.</param>
    /// <param name="lifetime">How long its workers live.</param>
    public WorkerTeam(ConcurrentCall call, IWorkerJob job, WorkerPool pool, int limit, PSLanguageMode languageMode, WorkerLifetime lifetime)
    {
        _call = call;
        _job = job;
        _pool = pool;
        _limit = limit;
        _lifetime = lifetime;
        _eager = SharesWorkers ? Math.Min(limit, Environment.ProcessorCount) : 1;
        LanguageMode = languageMode;
        _scaler = new WorkerScaler(this, call.Queue);
    }

    /// <summary>The language mode of the workers' sessions.</summary>
    public PSLanguageMode LanguageMode { get; }

    /// <summary>Whether workers come from the pool and return to it.</summary>
    public bool SharesWorkers => _lifetime == WorkerLifetime.Process;

    /// <summary>Whether a worker ends when it has run an item.</summary>
    public bool UsesWorkersOnce => _lifetime == WorkerLifetime.Item;

    /// <summary>How long stopped code runs before it is interrupted.</summary>
    public TimeSpan StopGrace => _call.Options.StopGrace;

    /// <summary>Whether a worker whose pipeline has ended should start another one for this team.</summary>
    public bool WantsMore => !Volatile.Read(ref _stopped) && !_call.Queue.IsDrained;

    /// <summary>How many workers there are, including those that are opening.</summary>
    public int Size => Volatile.Read(ref _size);

    /// <summary>How many workers do not take items yet, because their sessions open or are being reset.</summary>
    public int Starting
    {
        get
        {
            lock (_lock)
            {
                return _starting.Count;
            }
        }
    }

    /// <summary>Whether items suspend where they wait, so that a worker can have many.</summary>
    public bool ItemsSuspend => _job.MayShare;

    /// <summary>Whether the first worker does something that others would wait for.</summary>
    public bool IsBeingPrepared => _job.IsBeingPrepared;

    /// <summary>
    /// Whether at least as many workers as there are processors compute, or would if other threads left them a processor. False if the
    /// system does not report it.
    /// </summary>
    public bool NeedsAllProcessors()
    {
        Worker[] sample;
        int size;
        lock (_lock)
        {
            size = _members.Count;
            sample = [.. _members.Skip(Random.Shared.Next(Math.Max(1, size - SampleSize + 1))).Take(SampleSize)];
        }

        return sample.Count(static worker => worker.Schedule?.IsReady == true) * size >= Environment.ProcessorCount * sample.Length
            && size > 0;
    }

    /// <inheritdoc/>
    public void Added()
    {
        // Up to as many warm workers as processors join when input has to wait. Whether more would help is seen later.
        int size = _size;
        if (size == 0)
        {
            AddWorkers(1);
        }
        else if (size < _eager && _call.Queue.IsFull && _pool.IdleCount > 0)
        {
            AddWorkers(1);
        }

        _scaler.Watch();
    }

    /// <summary>Adds workers: idle ones from the pool first, then new ones. No more open at a time than there are processors.</summary>
    public void AddWorkers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            lock (_lock)
            {
                if (_stopped || _size >= _limit)
                {
                    return;
                }

                _size++;
            }

            if (!AddWorker())
            {
                lock (_lock)
                {
                    _size--;
                }

                return;
            }
        }
    }

    /// <summary>Takes items until there are no more or the pipeline is stopped. On the worker's thread, in its pipeline.</summary>
    public void Serve(Worker worker, PSCmdlet command)
    {
        worker.Call = _call;
        worker.ItemConsumer.MayShare = () => _job.MayShare;
        worker.Suspended.Wake = () => _call.Queue.Wake(worker.ItemConsumer);
        bool isOver = Volatile.Read(ref _stopped);
        if (isOver && Stopwatch.GetElapsedTime(_stoppedAt) > StopTimes.Grace)
        {
            GiveUp(worker.Suspended);
            return;
        }

        if (worker.StopRequested)
        {
            return;
        }

        if (!TryEnter(worker, command, out IWorkerScope? scope))
        {
            if (!worker.StopRequested)
            {
                GiveUp(worker.Suspended);
            }

            return;
        }

        lock (_lock)
        {
            _starting.Remove(worker);
        }

        using ItemClock? clock = _call.Options.ItemTimeout is null ? null : new ItemClock(item => StopItem(worker, item));
        while (!worker.StopRequested && _call.Queue.Take(worker.ItemConsumer, WaitLimit, out WorkItem? item))
        {
            if (Run(worker, scope, item, clock) && UsesWorkersOnce)
            {
                break;
            }
        }

        if (!worker.StopRequested && !isOver)
        {
            worker.IsIdle = !_call.Queue.IsDrained;
            Leave(worker, scope);
        }
    }

    /// <summary>Ends suspended items that cannot resume, because their session is gone or will not be free.</summary>
    public void GiveUp(SuspendedItems items) => items.GiveUp(item => _ = GiveUpAsync(item));

    /// <summary>Reports that a worker could not start or has broken down.</summary>
    public void WorkerFailed(Exception error) => _call.Fail(error);

    /// <summary>Removes a worker from the team.</summary>
    public void WorkerLeft(Worker worker)
    {
        bool areGone;
        bool areEnough;
        lock (_lock)
        {
            _starting.Remove(worker);
            if (_members.Remove(worker))
            {
                _size--;
            }

            Monitor.PulseAll(_lock);
            areGone = _members.Count == 0 && !WantsMore;
            areEnough = (_size > 0 && !UsesWorkersOnce) || !WantsMore || _call.Queue.Pending <= _starting.Count;
        }

        if (areGone)
        {
            // Not under the lock, because a thread that waits for output takes this lock under the output's own.
            _call.Output.WakeUp();
        }

        if (areEnough)
        {
            return;
        }

        if (UsesWorkersOnce)
        {
            // The next item needs a new worker.
            AddWorkers(1);
        }

        // For a team with no worker left, or one that no worker could join at once.
        _scaler.Watch();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Worker[] members;
        lock (_lock)
        {
            _stopped = true;
            _stoppedAt = Stopwatch.GetTimestamp();
            members = [.. _members];
        }

        foreach (Worker worker in members)
        {
            // The pipeline first: the rest of the suspended blocks runs in the next one, undisturbed.
            Stop(worker, item: null);
            worker.Suspended.StopAll(_call);
        }
    }

    /// <summary>Abandons a worker that was told to stop and cannot, and ends the item that it runs.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="stop">The number of the stop.</param>
    public void Abandon(Worker worker, int stop)
    {
        if (worker.Abandon(stop, out WorkItem? item))
        {
            item?.End(stopped: true);
            GiveUp(worker.Suspended);
            WorkerLeft(worker);
        }
    }

    /// <inheritdoc/>
    public void Stop(WorkItem item)
    {
        Worker[] members;
        lock (_lock)
        {
            members = [.. _members];
        }

        foreach (Worker worker in members)
        {
            Stop(worker, item);
            worker.Suspended.Stop(item);
        }
    }

    /// <inheritdoc/>
    public int Workers => Size;

    /// <inheritdoc/>
    public int OpeningWorkers => Starting;

    /// <inheritdoc/>
    public void AddRunning(List<RunningItem> running)
    {
        Worker[] members;
        lock (_lock)
        {
            members = [.. _members];
        }

        running.AddRange(members.Select(static worker => worker.Running).OfType<RunningItem>());
        Array.ForEach(members, worker => worker.Suspended.AddTo(running));
    }

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => _job.Describe(item);

    /// <inheritdoc/>
    public bool HasEnded
    {
        get
        {
            // Idle shared workers run no item and return to the pool on their own.
            lock (_lock)
            {
                return _members.Count == 0 || (SharesWorkers && !_job.HasWorkOnLeaving);
            }
        }
    }

    /// <inheritdoc/>
    public void WaitForEnd()
    {
        lock (_lock)
        {
            // Stopped workers end or are abandoned.
            while (_stopped && _members.Count > 0)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scaler.Dispose();

    private TimeSpan WaitLimit => _call.IsFed && SharesWorkers && !_job.KeepsWorkers ? FeedWaitLimit : Timeout.InfiniteTimeSpan;

    // False if the item was put aside.
    private bool Run(Worker worker, IWorkerScope scope, WorkItem item, ItemClock? clock)
    {
        if (item.Paused is null && !item.TryStart())
        {
            return false;
        }

        if (item.Paused?.IsStopped == true)
        {
            RunToItsEnd(worker, scope, item);
            return true;
        }

        bool stopped = true;
        WorkItem.Current = item;
        AmbientScope.Current = _call.Scope;
        worker.Begin(item);
        try
        {
            if (item.State?.IsCanceled == true)
            {
                // The item was canceled before it was here.
                Stop(worker, item);
            }

            clock?.Start(item);
            scope.Run(item);
            stopped = false;
        }
        finally
        {
            clock?.Stop();
            WorkItem.Current = null;
            AmbientScope.Current = null;
            if (!worker.End())
            {
                item.Paused?.Dispose();
            }
            else if (item.Paused is { } block)
            {
                worker.Suspended.Add(item, block);
            }
            else
            {
                End(item, worker, stopped);
            }
        }

        return true;
    }

    // The item was stopped while it was suspended. The rest of its block runs without stopping the pipeline, in which others continue.
    private void RunToItsEnd(Worker worker, IWorkerScope scope, WorkItem item)
    {
        WorkItem.Current = item;
        AmbientScope.Current = _call.Scope;
        worker.BeginEnding(item);
        using Timer time = Guarded.Timer(() => StopEnding(worker, item), WorkerFailed);
        time.Change(StopTimes.Grace, Timeout.InfiniteTimeSpan);
        try
        {
            scope.Run(item);
        }
        catch (PipelineStoppedException) when (!worker.StopRequested)
        {
            // This is how the block ends.
        }
        finally
        {
            WorkItem.Current = null;
            AmbientScope.Current = null;
            item.Paused?.Dispose();
            item.Paused = null;
            if (worker.End())
            {
                item.End(stopped: true);
            }
        }
    }

    private void StopEnding(Worker worker, WorkItem item)
    {
        worker.Unshield(item);
        Stop(worker, item);
    }

    private async Task GiveUpAsync(WorkItem item)
    {
        item.Paused = null;
        bool stopped = Volatile.Read(ref _stopped) || item.MustEnd;
        try
        {
            if (!stopped)
            {
                await item.WriteAsync(StreamKind.Error, WorkerErrors.SessionLost(item.Input)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped.
            stopped = true;
        }

        item.End(stopped);
    }

    private void End(WorkItem item, Worker worker, bool stopped)
    {
        if (worker.ClosedFromOutside && !Volatile.Read(ref _stopped))
        {
            item.Write(StreamKind.Error, WorkerErrors.SessionClosed(item.Input));
            stopped = false;
        }

        item.End(stopped);
    }

    private void StopItem(Worker worker, WorkItem item)
    {
        item.State!.TimeIsOver();
        Stop(worker, item);
    }

    private void Stop(Worker worker, WorkItem? item)
    {
        if (worker.RequestStop(this, item, out int stop))
        {
            StopEscalation.Begin(this, worker, stop);
        }
    }

    private bool AddWorker()
    {
        if (SharesWorkers && TryRentWorker())
        {
            return true;
        }

        if (!WorkerOpenings.TryEnter())
        {
            return false;
        }

        var worker = new Worker(_pool, LanguageMode, this);
        Join(worker);
        try
        {
            worker.Start();
        }
        catch (Exception e) when (Guarded.IsOutOfThreads(e))
        {
            WorkerOpenings.Leave();
            Part(worker);
            if (Size <= 1)
            {
                _call.Fail(WorkerErrors.OutOfThreads(e));
            }

            return false;
        }

        StopIfLate(worker);
        return true;
    }

    private bool TryRentWorker()
    {
        while (_pool.TryTake() is { } worker)
        {
            // It is added before it is assigned, because it may have served and left when the assignment returns.
            Join(worker);
            if (worker.TryAssign(this))
            {
                StopIfLate(worker);
                return true;
            }

            Part(worker);
        }

        return false;
    }

    private void Join(Worker worker)
    {
        lock (_lock)
        {
            _members.Add(worker);
            _starting.Add(worker);
        }
    }

    private void Part(Worker worker)
    {
        lock (_lock)
        {
            _members.Remove(worker);
            _starting.Remove(worker);
        }
    }

    // For a worker that joined while the team was being stopped.
    private void StopIfLate(Worker worker)
    {
        if (Volatile.Read(ref _stopped))
        {
            Stop(worker, item: null);
        }
    }

    private bool TryEnter(Worker worker, PSCmdlet command, [NotNullWhen(true)] out IWorkerScope? scope)
    {
        scope = null;
        worker.SetPreparing(true);
        try
        {
            scope = _job.Enter(worker, command);
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ThreadInterruptedException))
        {
            // A failure because of the stop does not count.
            if (!worker.StopRequested)
            {
                _call.Fail(e);
            }
        }
        finally
        {
            worker.SetPreparing(false);
            if (scope is null)
            {
                worker.Spoil();
            }
        }

        return scope is not null;
    }

    private static void Leave(Worker worker, IWorkerScope scope)
    {
        worker.SetPreparing(true);
        try
        {
            scope.Leave();
        }
        catch (Exception e) when (e is not (PipelineStoppedException or ThreadInterruptedException))
        {
            worker.Call?.Write(new StreamRecord(null, StreamKind.Error, WorkerErrors.FinalizationFailed(e)));
        }
        finally
        {
            worker.SetPreparing(false);
        }
    }
}
