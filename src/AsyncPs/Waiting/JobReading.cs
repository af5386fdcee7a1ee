namespace AsyncPs.Waiting;

/// <summary>A job that is being received, with a time-out.</summary>
/// <param name="job">The job.</param>
/// <param name="timeout">How long it may take, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
internal sealed class JobReading(Job job, TimeSpan timeout)
{
    private readonly long _start = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>The job.</summary>
    public Job Job => job;

    /// <summary>The time that is left.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            TimeSpan left = timeout - System.Diagnostics.Stopwatch.GetElapsedTime(_start);
            return timeout == Timeout.InfiniteTimeSpan ? timeout : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
