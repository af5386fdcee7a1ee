using System.Diagnostics;
using System.Reflection;

namespace AsyncPs.Workers;

/// <summary>How busy this process has kept the processors over the last few milliseconds.</summary>
internal sealed class ProcessorLoad
{
    // .NET 9 has a clock that counts microseconds. Earlier versions count in steps of up to 16 ms, so a measurement over less than a
    // few steps would show all or nothing.
    private static readonly Func<TimeSpan>? PreciseClock = FindPreciseClock();
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(PreciseClock is null ? 30 : 5);

    private long _since = Stopwatch.GetTimestamp();
    private TimeSpan _used = Used();
    private double? _share;

    /// <summary>The share of all processors that the process uses, 0 to 1; null until it can be measured.</summary>
    public double? Share()
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_since);
        if (elapsed >= Period)
        {
            TimeSpan used = Used();
            _share = (used - _used) / elapsed / Environment.ProcessorCount;
            _used = used;
            _since = Stopwatch.GetTimestamp();
        }

        return _share;
    }

    private static TimeSpan Used()
    {
        if (PreciseClock is not null)
        {
            return PreciseClock();
        }

        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static Func<TimeSpan>? FindPreciseClock()
    {
        PropertyInfo? usage = typeof(Environment).GetProperty("CpuUsage");
        PropertyInfo? total = usage?.PropertyType.GetProperty("TotalTime");
        return total is null ? null : () => (TimeSpan)total.GetValue(usage!.GetValue(null))!;
    }
}
