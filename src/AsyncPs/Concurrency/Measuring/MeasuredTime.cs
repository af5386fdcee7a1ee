using System.Diagnostics;

namespace AsyncPs.Concurrency.Measuring;

/// <summary>Adds the time until it is disposed to a sum. Without a sum, it does not read the clock.</summary>
internal readonly struct MeasuredTime : IDisposable
{
    private readonly TimeSum? _sum;
    private readonly long _start;

    /// <summary>Starts to measure, if there is a sum.</summary>
    /// <param name="sum">The sum, or null.</param>
    public MeasuredTime(TimeSum? sum)
    {
        _sum = sum;
        _start = sum is null ? 0 : Stopwatch.GetTimestamp();
    }

    /// <summary>Adds the elapsed time to the sum.</summary>
    public void Dispose() => _sum?.AddSince(_start);
}
