namespace AsyncPs.Workers;

/// <summary>
/// The idle workers of the module, warm between calls. It limits nothing: a call that finds no idle worker gets a new one, so nested
/// calls cannot starve each other.
/// </summary>
internal sealed class WorkerPool
{
    /// <summary>How long an idle worker is kept: two minutes.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    /// <summary>How many idle workers are kept.</summary>
    public const int MaxIdle = 64;

    /// <summary>The pool of this process.</summary>
    public static WorkerPool Shared { get; } = new();

    private readonly object _lock = new();
    private readonly List<Worker> _idle = [];
    private bool _closed;

    /// <summary>How many workers sleep here, or are being reset.</summary>
    public int IdleCount
    {
        get
        {
            lock (_lock)
            {
                return _idle.Count;
            }
        }
    }

    /// <summary>
    /// Starts a worker if none sleeps, because one will be wanted soon: its session opens while the caller's is read.
    /// </summary>
    /// <param name="opened">Called when it is open, or null.</param>
    public void Prepare(Action? opened = null)
    {
        if (IdleCount > 0 || !WorkerOpenings.TryEnter())
        {
            return;
        }

        var worker = new Worker(this, PSLanguageMode.FullLanguage, team: null) { Opened = opened };
        if (TryReturn(worker))
        {
            worker.Start();
        }
        else
        {
            WorkerOpenings.Leave();
        }
    }

    /// <summary>Removes a worker, which is then assigned to a team.</summary>
    /// <returns>Null if there is none.</returns>
    public Worker? TryTake()
    {
        lock (_lock)
        {
            if (_idle.Count == 0)
            {
                return null;
            }

            // The one that fell asleep last is the warmest, and the others reach their idle time.
            Worker worker = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            return worker;
        }
    }

    /// <summary>Marks a worker as clean and ready: it is preferred to those that are not.</summary>
    public void SetReady(Worker worker)
    {
        lock (_lock)
        {
            if (_idle.Remove(worker))
            {
                _idle.Add(worker);
            }
        }
    }

    /// <summary>Takes a worker that is about to be reset and to sleep.</summary>
    /// <returns>False if there are enough, or the module is being removed.</returns>
    public bool TryReturn(Worker worker)
    {
        lock (_lock)
        {
            if (_closed || _idle.Count >= MaxIdle)
            {
                return false;
            }

            _idle.Add(worker);
            return true;
        }
    }

    /// <summary>Removes a worker that was idle too long.</summary>
    public void Remove(Worker worker)
    {
        lock (_lock)
        {
            _idle.Remove(worker);
        }
    }

    /// <summary>Ends all idle workers, and each other one before it would sleep, because the module is being removed.</summary>
    public void Close()
    {
        Worker[] idle;
        lock (_lock)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (Worker worker in idle)
        {
            worker.Retire();
        }
    }

    /// <summary>Keeps workers again, because the module was imported again.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _closed = false;
        }
    }
}
