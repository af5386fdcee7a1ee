using System.Diagnostics;

namespace AsyncPs.Remote;

/// <summary>The idle remote workers of this process, warm between calls. It limits nothing: a call that finds none starts one.</summary>
internal sealed class RemotePool
{
    /// <summary>How long an idle worker is kept: two minutes.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    /// <summary>How many idle workers are kept: each takes 100 MB.</summary>
    public static readonly int MaxIdle = Math.Max(8, Environment.ProcessorCount);

    private readonly object _lock = new();
    private readonly List<RemoteWorker> _idle = [];
    private Timer? _clock;
    private bool _closed;

    /// <summary>The pool of this process.</summary>
    public static RemotePool Shared { get; } = new();

    /// <summary>Takes the worker that was returned last, which is the warmest.</summary>
    /// <returns>Null if there is none for the target.</returns>
    public RemoteWorker? TryTake(RemoteTarget target)
    {
        string key = target.Key;
        while (true)
        {
            RemoteWorker? worker;
            lock (_lock)
            {
                int place = _idle.FindLastIndex(idle => idle.Target.Key == key);
                if (place < 0)
                {
                    return null;
                }

                worker = _idle[place];
                _idle.RemoveAt(place);
            }

            if (worker.IsUsable)
            {
                return worker;
            }

            worker.Dispose();
        }
    }

    /// <summary>Returns a worker. One that is not usable, or one too many, ends.</summary>
    public void Return(RemoteWorker worker)
    {
        lock (_lock)
        {
            if (!_closed && worker.IsUsable && _idle.Count < MaxIdle)
            {
                worker.IdleSince = Stopwatch.GetTimestamp();
                _idle.Add(worker);
                if (_clock is null)
                {
                    _clock = Guarded.Timer(RemoveOld);
                    _clock.Change(IdleTime, IdleTime / 4);
                }

                return;
            }
        }

        worker.Dispose();
    }

    /// <summary>Ends all idle workers, and each other one when it is returned, because the module is being removed.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Remove(static _ => true);
    }

    /// <summary>Keeps workers again, because the module was imported again.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _closed = false;
        }
    }

    private void RemoveOld() => Remove(static worker => Stopwatch.GetElapsedTime(worker.IdleSince) >= IdleTime || !worker.IsUsable);

    private void Remove(Predicate<RemoteWorker> isOver)
    {
        List<RemoteWorker> over;
        lock (_lock)
        {
            over = _idle.FindAll(isOver);
            _idle.RemoveAll(over.Contains);
            if (_idle.Count == 0)
            {
                _clock?.Dispose();
                _clock = null;
            }
        }

        over.ForEach(static worker => worker.Dispose());
    }
}
