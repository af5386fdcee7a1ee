using System.Diagnostics;

namespace AsyncPs.Concurrency.Workers;

/// <summary>How busy this process keeps the processors, over the last few tens of milliseconds.</summary>
internal sealed class ProcessorLoad
{
    // The kernel counts processor time in steps of up to 16 ms; a shorter look would see all or nothing.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(30);

    private long _since = Stopwatch.GetTimestamp();
    private TimeSpan _used = Used();
    private double _share;

    /// <summary>Whether the process used more than this share of all processors.</summary>
    public bool IsAbove(double share)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_since);
        if (elapsed >= Period)
        {
            TimeSpan used = Used();
            _share = (used - _used) / elapsed / Environment.ProcessorCount;
            _used = used;
            _since = Stopwatch.GetTimestamp();
        }

        return _share > share;
    }

    private static TimeSpan Used()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
