using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// A thread with its own runspace and one long pipeline in it. The pipeline sleeps in the pool until a team takes the worker. It serves the
/// team's items one after another, and ends with the team. Then the runspace is reset, and a new pipeline sleeps in the pool. Nothing is
/// created per item.
/// </summary>
internal sealed partial class Worker
{
    // PowerShell gives its own pipeline threads this much, because scripts recurse deeply. It is only reserved, not committed.
    private const int StackSize = 10_000_000;

    private static int _lastId;

    private readonly WorkerPool _pool;
    private readonly PSLanguageMode _languageMode;
    private readonly object _gate = new();
    private readonly Dictionary<string, object?> _usingValues = new(StringComparer.Ordinal);
    private readonly WorkerStreams _streams;
    private readonly Thread _thread;
    private ExecutionContext? _context;
    private WorkerTeam? _team;
    private WorkItem? _current;
    private long _currentSince;
    private PowerShell? _pipeline;
    private int _stops;
    private TaskCompletionSource? _stopWaiter;
    private bool _stopRequested;
    private bool _stopArrived;
    private bool _interrupted;
    private bool _preparing;
    private bool _abandoned;
    private bool _retired;
    private bool _closedFromOutside;
    private bool _shielded;
    private bool _served;
    private bool _spoilt;

    /// <summary>Creates a worker; <see cref="Start"/> starts it.</summary>
    /// <param name="pool">The pool in which it sleeps between teams.</param>
    /// <param name="languageMode">The language mode of its session.</param>
    /// <param name="team">The team that needs it, or null if it sleeps first.</param>
    public Worker(WorkerPool pool, PSLanguageMode languageMode, WorkerTeam? team)
    {
        _pool = pool;
        _languageMode = languageMode;
        _team = team;
        Id = Interlocked.Increment(ref _lastId);
        ItemConsumer = new WorkerItemConsumer(this);
        _streams = new WorkerStreams(this);
        Host = new WorkerHost(_streams);
        _thread = new Thread(() => Guarded.Run(Run), StackSize) { IsBackground = true, Name = $"AsyncPs worker {Id}" };
    }

    /// <summary>A number unique in the process.</summary>
    public int Id { get; }

    /// <summary>Called when its session is open, or null.</summary>
    public Action? Opened { get; init; }

    /// <summary>How its thread shares the processors with others; null until it runs.</summary>
    public ThreadSchedule? Schedule { get; private set; }

    /// <summary>The host of its session, which passes on to the caller what blocks show.</summary>
    public WorkerHost Host { get; }

    /// <summary>The worker's session.</summary>
    public Runspace? Runspace { get; private set; }

    /// <summary>The worker as a consumer, which sleeps while its team has no items.</summary>
    public WorkerItemConsumer ItemConsumer { get; }

    /// <summary>The suspended items of the worker's session.</summary>
    public SuspendedItems Suspended { get; } = new();

    /// <summary>Receives the records that belong to no item: of code that a call runs once per worker.</summary>
    public ConcurrentCall? Call
    {
        get => _streams.Call;
        set => _streams.Call = value;
    }

    /// <summary>The values of `$using:` expressions in the running block, by the engine's key. Filled by the team.</summary>
    public IDictionary<string, object?> UsingValues => _usingValues;

    /// <summary>Whether the running pipeline was told to stop, so that it must not take another item.</summary>
    public bool StopRequested => Volatile.Read(ref _stopRequested);

    /// <summary>Whether the worker leaves a team that continues, because it has nothing to do. Set by the team.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether other code has closed the session under the running item.</summary>
    public bool ClosedFromOutside => Volatile.Read(ref _closedFromOutside);

    /// <summary>Runs on the worker's thread after each item of the running pipeline, or null.</summary>
    public Action? ItemEnded { get; set; }

    /// <summary>Runs on the worker's thread when its pipeline ends, once; or null.</summary>
    public Action? PipelineEnded { get; set; }

    /// <summary>The item that it runs at this moment, or null.</summary>
    public RunningItem? Running
    {
        get
        {
            lock (_gate)
            {
                return _current is { } item ? new RunningItem(item, _currentSince, Runspace, item.Paused?.Place) : null;
            }
        }
    }

    /// <summary>
    /// Marks the session as one that a stop may have left half done. For example, a module whose loading was cut off counts as loaded but
    /// has no commands. The worker ends after its pipeline, and another replaces it. On the worker's thread.
    /// </summary>
    public void Spoil() => _spoilt = true;

    /// <summary>Whether the session must not run another item.</summary>
    public bool IsSpoilt => _spoilt;

    /// <summary>Starts the thread, which opens the runspace and serves the team it was created for, or sleeps.</summary>
    public void Start() => _thread.UnsafeStart();

    /// <summary>Wakes a worker that sleeps in the pool for a team.</summary>
    /// <returns>False if it has just left the pool because it was idle too long.</returns>
    public bool TryAssign(WorkerTeam team)
    {
        lock (_gate)
        {
            if (_retired || _team is not null)
            {
                return false;
            }

            _team = team;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Ends a worker that sleeps in the pool.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Starts an item, whose call gets its records.</summary>
    public void Begin(WorkItem item)
    {
        lock (_gate)
        {
            _current = item;
            _currentSince = Environment.TickCount64;
            _streams.Item = item;
        }
    }

    /// <summary>
    /// Starts to end an item that was stopped while it was suspended. Only the rest of its block runs, and no stop ends that early.
    /// </summary>
    public void BeginEnding(WorkItem item)
    {
        Begin(item);
        lock (_gate)
        {
            _shielded = _stopArrived = _streams.IsStopping = true;
        }
    }

    /// <summary>Ends the running item.</summary>
    /// <returns>False when the team has ended the item, because this worker would not.</returns>
    public bool End()
    {
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    _streams.Item = null;
                    _current = null;
                    _stopWaiter?.TrySetResult();
                    _stopWaiter = null;
                    if (_shielded)
                    {
                        _shielded = false;
                        _stopArrived = _streams.IsStopping = _stopRequested;
                    }

                    ClearInterrupt();
                    return !_abandoned;
                }
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt was meant for the item, which has ended.
                _interrupted = false;
            }
        }
    }

    /// <summary>Notes whether the worker's session is being prepared for the items, or left.</summary>
    public void SetPreparing(bool value)
    {
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    _preparing = value;
                    if (!value)
                    {
                        ClearInterrupt();
                    }

                    return;
                }
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt was meant for work that has ended.
                _interrupted = false;
            }
        }
    }

    /// <summary>Called by the worker's pipeline on the worker's thread: sleeps until there is a team, and serves it.</summary>
    public void Serve(PSCmdlet command)
    {
        if (_served)
        {
            throw WorkerErrors.WorkerCommandInBlock();
        }

        _served = true;
        _streams.Shortcut(command);
        try
        {
            if (WaitForTeam() is { } team)
            {
                team.Serve(this, command);
            }
        }
        catch (ThreadInterruptedException)
        {
            // It was told to stop while it slept.
        }
    }

    private WorkerTeam? WaitForTeam()
    {
        lock (_gate)
        {
            if (_team is not null)
            {
                return _team;
            }

            _pool.SetReady(this);
            while (_team is null && !_retired)
            {
                if (!Monitor.Wait(_gate, WorkerPool.IdleTime))
                {
                    _retired = _team is null;
                }
            }

            return _team;
        }
    }

    private void Run()
    {
        Schedule = ThreadSchedule.Current;
        WorkerHost.OnThisThread = Host;
        ItemStop.OnThisThread = UntilStopped;
        Uninterrupted.OnThisThread = this;
        try
        {
            _context = ExecutionContext.Capture();
            Open();
            Opened?.Invoke();
            do
            {
                RunPipeline();
            }
            while (Recover());
        }
        catch (Exception) when (Runspace is { RunspaceStateInfo.State: not RunspaceState.Opened })
        {
            // Other code closed the session between two pipelines: the team gets another worker.
        }
        catch (Exception) when (StopRequested)
        {
            // PowerShell throws various exceptions for a pipeline that was stopped before it began.
        }
        catch (Exception e)
        {
            // An exception must not end the thread, and the process with it: the team reports it.
            Guarded.Run(() => _team?.WorkerFailed(e));
        }
        finally
        {
            Close();
        }
    }

    private void Open()
    {
        try
        {
            Runspace = WorkerSession.Open(_languageMode, Host);
            Runspace.Name = _thread.Name;
        }
        finally
        {
            WorkerOpenings.Leave();
        }
    }

    private void RunPipeline()
    {
        using PowerShell pipeline = WorkerCommand.CreatePipeline(this, _usingValues);
        pipeline.Runspace = Runspace;
        _streams.Attach(pipeline);
        lock (_gate)
        {
            _pipeline = pipeline;
        }

        try
        {
            _served = false;
            pipeline.Invoke(input: null, _streams.Output, settings: null);
            if (!_served && !StopRequested)
            {
                throw WorkerErrors.WorkerPipelineFailed(_streams.LastError);
            }
        }
        catch (Exception e) when (e is PipelineStoppedException or ThreadInterruptedException)
        {
            // The item or the call was stopped: the team knows.
        }
        finally
        {
            Action? ended = PipelineEnded;
            ItemEnded = PipelineEnded = null;
            ended?.Invoke();
            lock (_gate)
            {
                _pipeline = null;
                _streams.Item = null;
                _streams.Call = null;
                Host.Caller = Host.Home = null;
                Host.Trace = null;
                ClearInterrupt();
            }

            // The context was that of a caller.
            ExecutionContext.Restore(_context!);
        }
    }

    // Decides what the worker does after its pipeline has ended: true for another pipeline.
    private bool Recover()
    {
        WorkerTeam? team;
        lock (_gate)
        {
            // A damaged session starts no more items, but its suspended items end there.
            if (_abandoned || _retired || (_spoilt && Suspended.Count == 0) || _team is null)
            {
                return false;
            }

            _stopRequested = _stopArrived = _shielded = _streams.IsStopping = false;
            team = _team;
            if (Suspended.Count > 0)
            {
                // The suspended items resume or end in the next pipeline.
                IsIdle = false;
                return true;
            }

            if (!team.UsesWorkersOnce && team.WantsMore && !IsIdle)
            {
                return true;
            }

            IsIdle = false;
            if (!team.SharesWorkers)
            {
                // It leaves the team when its session is closed.
                return false;
            }

            _team = null;
        }

        team.WorkerLeft(this);
        // From here on a team may take the worker. It serves as soon as it is clean, which is sooner than a new one would open.
        _usingValues.Clear();
        if (!_pool.TryReturn(this))
        {
            return false;
        }

        EngineInternals.ResetAllButLocation(Runspace!);
        return true;
    }

    private void Close()
    {
        lock (_gate)
        {
            _retired = true;
        }

        _pool.Remove(this);
        Guarded.Run(() => _team?.GiveUp(Suspended));

        // This removes the modules that blocks have imported, which may run code of the modules.
        Guarded.Run(() => Runspace?.Dispose());
        WorkerTeam? team;
        lock (_gate)
        {
            team = _team;
            _team = null;
        }

        Guarded.Run(() => team?.WorkerLeft(this));
    }
}
