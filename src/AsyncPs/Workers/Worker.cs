using System.Management.Automation.Runspaces;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// A thread with a runspace of its own and one long pipeline in it. The pipeline sleeps in the pool until a team takes the
/// worker, serves the team's items one after another, and ends with the team; then the runspace is reset and a new pipeline
/// sleeps in the pool. Nothing is made for an item.
/// </summary>
internal sealed partial class Worker
{
    // PowerShell gives its own pipeline threads this much; deep recursion in scripts needs it. Only reserved, not committed.
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

    /// <summary>Makes a worker; <see cref="Start"/> sets it going.</summary>
    /// <param name="pool">Where it sleeps between teams.</param>
    /// <param name="languageMode">The language mode of its session.</param>
    /// <param name="team">The team it is made for, or null if it goes to sleep first.</param>
    public Worker(WorkerPool pool, PSLanguageMode languageMode, WorkerTeam? team)
    {
        _pool = pool;
        _languageMode = languageMode;
        _team = team;
        Id = Interlocked.Increment(ref _lastId);
        ItemConsumer = new WorkerItemConsumer(this);
        _streams = new WorkerStreams(this);
        Host = new WorkerHost(_streams);
        _thread = new Thread(Run, StackSize) { IsBackground = true, Name = $"AsyncPs worker {Id}" };
    }

    /// <summary>A number unique in the process.</summary>
    public int Id { get; }

    /// <summary>What is to happen once its session is open, or null.</summary>
    public Action? Opened { get; init; }

    /// <summary>What shows to the caller what blocks show.</summary>
    public WorkerHost Host { get; }

    /// <summary>The worker's session.</summary>
    public Runspace? Runspace { get; private set; }

    /// <summary>How the worker sleeps while its team has nothing to do.</summary>
    public WorkerItemConsumer ItemConsumer { get; }

    /// <summary>The items that wait in their middle in the worker's session.</summary>
    public SuspendedItems Suspended { get; } = new();

    /// <summary>Where records go that belong to no item: those of what a call runs once a worker.</summary>
    public ConcurrentCall? Call
    {
        get => _streams.Call;
        set => _streams.Call = value;
    }

    /// <summary>What `$using:` expressions of the running block stand for, by the engine's key. Filled by the team.</summary>
    public IDictionary<string, object?> UsingValues => _usingValues;

    /// <summary>Whether the running pipeline was told to stop, so that it must take no further item.</summary>
    public bool StopRequested => Volatile.Read(ref _stopRequested);

    /// <summary>Whether the worker leaves a team that goes on, because there is nothing to do for it. Set by the team.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether somebody else has closed the session under the running item.</summary>
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
                return _current is { } item ? new RunningItem(item, _currentSince, Runspace) : null;
            }
        }
    }

    /// <summary>
    /// Says that a stop may have left the session half done, as when it cuts the loading of a module: the module counts as loaded then,
    /// and has no commands. The worker ends after its pipeline, and another takes its place. On the worker's thread.
    /// </summary>
    public void Spoil() => _spoilt = true;

    /// <summary>Whether the session is not to be used for another item.</summary>
    public bool IsSpoilt => _spoilt;

    /// <summary>Starts the thread: it opens the runspace and serves the team it was made for, or sleeps.</summary>
    public void Start() => _thread.UnsafeStart();

    /// <summary>Wakes a worker that sleeps in the pool for a team.</summary>
    /// <returns>False if it has just left the pool because it was idle for too long.</returns>
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

    /// <summary>The item that runs from now on; its records go to its call.</summary>
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
    /// The item that ends from now on, since it was stopped while it waited in its middle. Only what is left of its block runs, and no
    /// stop ends that before its time.
    /// </summary>
    public void BeginEnding(WorkItem item)
    {
        Begin(item);
        lock (_gate)
        {
            _shielded = _stopArrived = _streams.IsStopping = true;
        }
    }

    /// <summary>No item runs any more.</summary>
    /// <returns>False when somebody else has ended the item because this worker would not.</returns>
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
                // Meant for the item, which is over.
                _interrupted = false;
            }
        }
    }

    /// <summary>The worker's session is being brought into the state that the items need, or left.</summary>
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
                // Meant for what is over.
                _interrupted = false;
            }
        }
    }

    /// <summary>Called by the worker's pipeline, on the worker's thread: sleeps until there is a team, and serves it.</summary>
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
            // Told to stop while it slept.
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
        WorkerHost.OnThisThread = Host;
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
            // Somebody closed the session between two pipelines: the team gets another worker.
        }
        catch (Exception) when (StopRequested)
        {
            // PowerShell has many ways to say that a pipeline was stopped before it had begun.
        }
        catch (Exception e)
        {
            // The thread must not die with the process in it: whatever went wrong is the team's to report.
            _team?.WorkerFailed(e);
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
            // The item was stopped, or the call was: the team knows.
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
                ClearInterrupt();
            }

            // It had that of a caller.
            ExecutionContext.Restore(_context!);
        }
    }

    // Decides what becomes of the worker after its pipeline has ended: true for another pipeline.
    private bool Recover()
    {
        WorkerTeam? team;
        lock (_gate)
        {
            // A spoilt session begins nothing any more, but items that wait in it end there.
            if (_abandoned || _retired || (_spoilt && Suspended.Count == 0) || _team is null)
            {
                return false;
            }

            _stopRequested = _stopArrived = _shielded = _streams.IsStopping = false;
            team = _team;
            if (Suspended.Count > 0)
            {
                // They go on in the next pipeline, or end there.
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
        // From here on a team may take the worker: it serves as soon as it is clean, which is sooner than a new one opens.
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
        _team?.GiveUp(Suspended);

        // With it go the modules that blocks have imported, and what they do then is theirs.
        Guarded.Run(() => Runspace?.Dispose());
        WorkerTeam? team;
        lock (_gate)
        {
            team = _team;
            _team = null;
        }

        team?.WorkerLeft(this);
    }
}
