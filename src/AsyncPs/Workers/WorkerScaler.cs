using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Decides when a team gets another worker. While input waits, it checks every two milliseconds whether the workers made progress. If
/// not, and they do not compute, they wait for something (a sleep, a disk, a server), and the team doubles. If so, but input still comes
/// faster than they take it and the processors are not busy, the team grows more slowly. The same rule wakes sleeping workers. While the
/// blocks are compiled, there are no more workers than processors.
/// </summary>
internal sealed class WorkerScaler : IDisposable
{
    private const int TickMilliseconds = 2;
    private const int StalledTicks = 25;

    // A worker whose items suspend where they wait is not expected to wait. If it does, it is for a lock, or for long.
    private const int PatientTicks = 5;

    private const double Busy = 0.85;
    private const double HalfBusy = 0.6;
    private static readonly double ShortItemTicks = Stopwatch.Frequency * 100e-6;

    private readonly WorkerTeam _team;
    private readonly WorkQueue _queue;
    private readonly Timer _timer;
    private ProcessorLoad? _load;
    private long _lastTaken;
    private long _lastTick;
    private int _stalled;
    private int _waiting;
    private int _watching;

    /// <summary>Creates the scaler of a team. It does nothing until <see cref="Watch"/>.</summary>
    public WorkerScaler(WorkerTeam team, WorkQueue queue)
    {
        _team = team;
        _queue = queue;
        _timer = Guarded.Timer(Tick, team.WorkerFailed);
    }

    /// <summary>Checks the team as long as input waits for a worker.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref _watching) == 0 && Interlocked.Exchange(ref _watching, 1) == 0)
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
        if (_queue.Pending == 0)
        {
            Volatile.Write(ref _watching, 0);
            if (_queue.Pending > 0)
            {
                Watch();
            }

            return;
        }

        long now = Stopwatch.GetTimestamp();
        long taken = _queue.Taken;
        int size = Math.Max(1, _team.Size - _queue.Sleepers);
        if (_queue.Takeable is > 0 and var waiting)
        {
            Adjust(waiting, size, taken - _lastTaken, now - _lastTick);
        }

        _lastTaken = taken;
        _lastTick = now;
        Rearm();
    }

    private void Adjust(int waiting, int size, long taken, long elapsed)
    {
        _queue.ItemsAreShort = elapsed * size < ShortItemTicks * taken;
        _stalled = taken == 0 ? _stalled + 1 : 0;
        double? load = (_load ??= new ProcessorLoad()).Share();

        // Asked only where the answer counts: it may look at threads.
        bool isBusy = (taken == 0 || (load is not null && _queue.IsBackedUp)) && IsBusy(load);
        _waiting = taken == 0 && !isBusy ? _waiting + 1 : 0;
        int wanted = taken == 0
            ? isBusy ? ExtraWorkerWhenStalled() : _waiting < (_team.ItemsSuspend ? PatientTicks : 1) ? 0 : size
            : load is null || !_queue.IsBackedUp || isBusy ? 0 : load > HalfBusy ? 1 : Math.Max(1, size / 2);

        if (_team.IsBeingPrepared)
        {
            wanted = Math.Min(wanted, Environment.ProcessorCount - _team.Size);
        }

        // Workers that are starting will take input as soon as they can; more at the same time would only delay them.
        wanted = Math.Min(wanted, waiting - _team.Starting);
        for (int sleeping = _queue.Sleepers; wanted > 0 && sleeping > 0; wanted--, sleeping--)
        {
            _queue.WakeOne();
        }

        _team.AddWorkers(wanted);
    }

    // If other processes keep the processors busy, this process has a small share of them although its workers compute.
    private bool IsBusy(double? load) => load > Busy || _team.NeedsAllProcessors();

    // Items may wait for each other while they keep the processors busy: then only an item that has not started can help.
    private int ExtraWorkerWhenStalled() => _team.Size == 0 || _stalled % StalledTicks == 0 ? 1 : 0;

    private void Rearm()
    {
        try
        {
            _timer.Change(TickMilliseconds, Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // The call has ended.
        }
    }
}
