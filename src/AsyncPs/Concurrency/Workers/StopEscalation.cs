using System.Diagnostics;

namespace AsyncPs.Concurrency.Workers;

/// <summary>
/// What happens to a worker that was told to stop and has not yet. What PowerShell itself ends, it ends within
/// milliseconds. After a while the thread is interrupted, which ends sleeps, waits and locks; what resists that too, a
/// blocking call of the operating system, is abandoned when the grace period is over, and the team may replace the worker.
/// </summary>
internal sealed class StopEscalation : IDisposable
{
    /// <summary>Long enough for a script's finally blocks, short enough for a person who pressed Ctrl+C: three seconds.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly WorkerTeam _team;
    private readonly Worker _worker;
    private readonly Timer _timer;

    private StopEscalation(WorkerTeam team, Worker worker)
    {
        _team = team;
        _worker = worker;
        _timer = new Timer(static state => ((StopEscalation)state!).Look(), this, Timeout.Infinite, Timeout.Infinite);

        // An interrupt any sooner could cut off a finally block that is quick.
        _timer.Change(team.StopGrace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks after a worker that was told to stop.</summary>
    public static void Begin(WorkerTeam team, Worker worker) => _ = new StopEscalation(team, worker);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Stopwatch.GetElapsedTime(_started) >= Grace)
        {
            _team.Abandon(_worker);
        }
        else if (_worker.Interrupt(_team))
        {
            // Perhaps what runs now is a finally block, which is to have its time too.
            _timer.Change(_team.StopGrace, Timeout.InfiniteTimeSpan);
            return;
        }

        Dispose();
    }
}
