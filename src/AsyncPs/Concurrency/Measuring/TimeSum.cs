using System.Diagnostics;

namespace AsyncPs.Concurrency.Measuring;

/// <summary>A sum of times. Any thread.</summary>
internal sealed class TimeSum
{
    private long _ticks;

    /// <summary>The sum.</summary>
    public TimeSpan Total => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>Adds a time.</summary>
    public void Add(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    /// <summary>Adds the time since a timestamp of <see cref="Stopwatch"/>.</summary>
    public void AddSince(long start) => Add(Stopwatch.GetElapsedTime(start));
}
