using System.Diagnostics;
using AsyncPs.Concurrency;

namespace AsyncPs.Workers;

/// <summary>
/// What happens to a worker that was told to stop and has not yet. What PowerShell itself ends, it ends within
/// milliseconds. After a while the thread is interrupted, which ends sleeps, waits and locks; what resists that too, a
/// blocking call of the operating system, is abandoned when the grace period is over, and the team may replace the worker.
/// A finally block is not interrupted before that.
/// </summary>
internal sealed class StopEscalation : IDisposable
{
    // For what an interrupt ends, and for the finally blocks around that.
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

        // An interrupt any sooner could cut off a finally block that is quick.
        _timer.Change(team.StopGrace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks after a worker that was told to stop.</summary>
    /// <param name="team">Whose worker it is.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="stop">Which of its stops it was told: what it does after that is none of this one's concern.</param>
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
            // Perhaps what runs now is a finally block, which is to have its time too.
            _timer.Change(_isLast ? LastGrace : _team.StopGrace, Timeout.InfiniteTimeSpan);
            return;
        }

        Dispose();
    }
}
