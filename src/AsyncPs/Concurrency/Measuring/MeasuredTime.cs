using System.Diagnostics;

namespace AsyncPs.Concurrency.Measuring;

/// <summary>Adds the time until it is disposed to a sum. Without a sum it does not even look at the clock.</summary>
internal readonly struct MeasuredTime : IDisposable
{
    private readonly TimeSum? _sum;
    private readonly long _start;

    /// <summary>Begins.</summary>
    /// <param name="sum">The sum, or null.</param>
    public MeasuredTime(TimeSum? sum)
    {
        _sum = sum;
        _start = sum is null ? 0 : Stopwatch.GetTimestamp();
    }

    /// <summary>Ends.</summary>
    public void Dispose() => _sum?.AddSince(_start);
}
