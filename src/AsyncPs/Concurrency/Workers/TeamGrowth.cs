using System.Diagnostics;

namespace AsyncPs.Concurrency.Workers;

/// <summary>
/// Decides when a team gets another worker. While input waits it looks every two milliseconds: did the workers get on? If
/// they did not, they wait for something (a sleep, a disk, a server), and the team doubles. If they did, but items that are
/// worth a thread still queue up and the processors are not busy, it gets one more. Items so short that handing them over
/// costs more than running them are left to the workers there are.
/// </summary>
internal sealed class TeamGrowth : IDisposable
{
    private const int TickMilliseconds = 2;
    private const double BusyShare = 0.85;
    private static readonly double ShortItemTicks = Stopwatch.Frequency * 20e-6;

    private readonly WorkerTeam _team;
    private readonly WorkQueue _queue;
    private readonly Timer _timer;
    private readonly ProcessorLoad _load = new();
    private long _lastTaken;
    private long _lastTick;
    private int _watching;

    /// <summary>Makes the policy of a team; it looks at nothing until <see cref="Watch"/>.</summary>
    public TeamGrowth(WorkerTeam team, WorkQueue queue)
    {
        _team = team;
        _queue = queue;
        _timer = new Timer(static state => ((TeamGrowth)state!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Input waits for a worker: looks at it until it does not any more.</summary>
    public void Watch()
    {
        if (Interlocked.Exchange(ref _watching, 1) == 0)
        {
            _lastTaken = _queue.Taken;
            _lastTick = Stopwatch.GetTimestamp();
            Rearm();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        int waiting = _queue.Count;
        if (waiting > 0 && _team.Size < _team.Limit)
        {
            long now = Stopwatch.GetTimestamp();
            long taken = _queue.Taken;
            _team.AddWorkers(Wanted(waiting, taken - _lastTaken, now - _lastTick));
            _lastTaken = taken;
            _lastTick = now;
            Rearm();
            return;
        }

        Volatile.Write(ref _watching, 0);
        if (_queue.Count > 0 && _team.Size < _team.Limit && _queue.Sleepers == 0)
        {
            Watch();
        }
    }

    private int Wanted(int waiting, long taken, long elapsed)
    {
        if (_load.IsAbove(BusyShare))
        {
            return 0;
        }

        int size = Math.Max(1, _team.Size);
        if (taken == 0)
        {
            return Math.Min(waiting, size);
        }

        bool worthAThread = elapsed * size / (double)taken > ShortItemTicks;
        return worthAThread ? Math.Max(1, size / 4) : 0;
    }

    private void Rearm()
    {
        try
        {
            _timer.Change(TickMilliseconds, Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // The call is over.
        }
    }
}
