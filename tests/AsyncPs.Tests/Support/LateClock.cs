namespace AsyncPs.Tests.Support;

/// <summary>A clock with one timer, which the test fires, as late as it wants.</summary>
public sealed class LateClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _ticks;

    /// <summary>In seconds.</summary>
    public double Now => (double)_ticks / TimestampFrequency;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    /// <summary>Goes on to the time at which the timer is to ring, and a little, and rings it.</summary>
    public void Ring(double lateBySeconds)
    {
        Timer timer = _timers.Single();
        _ticks = timer.Due + (long)(lateBySeconds * TimestampFrequency);
        timer.Ring();
    }

    private sealed class Timer(LateClock clock, Action ring) : ITimer
    {
        public long Due { get; private set; }

        public void Ring() => ring();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = clock._ticks + dueTime.Ticks;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
