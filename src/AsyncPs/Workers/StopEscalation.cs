using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// Handles a worker that was told to stop and still runs. PowerShell ends most code within milliseconds. After a while the thread is
/// interrupted, which ends sleeps, waits and locks. A blocking call of the operating system resists even that: such a worker is
/// abandoned after the grace period, and the team may replace it. A finally block is not interrupted before that.
/// </summary>
internal sealed class StopEscalation : IDisposable
{
    // For code that an interrupt ends, and the finally blocks around it.
    private static readonly TimeSpan LastGrace = TimeSpan.FromMilliseconds(100);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly WorkerTeam _team;
    private readonly Worker _worker;
    private readonly int _stop;
    private readonly Timer _timer;
    private bool _isLast;

    private StopEscalation(WorkerTeam team, Worker worker, int stop)
    {
        _team = team;
        _worker = worker;
        _stop = stop;
        _timer = Guarded.Timer(Check);

        // An earlier interrupt could cut off a quick finally block.
        _timer.Change(team.StopGrace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Watches a worker that was told to stop.</summary>
    /// <param name="team">The worker's team.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="stop">The number of the stop. What the worker does after that stop is not watched.</param>
    public static void Begin(WorkerTeam team, Worker worker, int stop) => _ = new StopEscalation(team, worker, stop);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        if (_isLast)
        {
            _team.Abandon(_worker, _stop);
        }
        else if (_worker.Interrupt(_stop, _isLast = Stopwatch.GetElapsedTime(_started) >= StopTimes.Grace))
        {
            // A finally block may run now, which also gets its time.
            _timer.Change(_isLast ? LastGrace : _team.StopGrace, Timeout.InfiniteTimeSpan);
            return;
        }

        Dispose();
    }
}
