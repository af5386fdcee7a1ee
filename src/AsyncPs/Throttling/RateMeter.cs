namespace AsyncPs.Throttling;

/// <summary>
/// Measures a rate: the count of the current second, plus the part of the previous second that is less than a second ago.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RateMeter(TimeProvider time)
{
    private readonly object _lock = new();
    private readonly long _start = time.GetTimestamp();
    private long _second;
    private int _now;
    private int _before;

    /// <summary>The rate over about the last second.</summary>
    public double PerSecond
    {
        get
        {
            lock (_lock)
            {
                double elapsed = Turn();
                return _now + (_before * (1 - (elapsed - Math.Floor(elapsed))));
            }
        }
    }

    /// <summary>Counts one event.</summary>
    public void Add()
    {
        lock (_lock)
        {
            Turn();
            _now++;
        }
    }

    private double Turn()
    {
        double elapsed = (double)(time.GetTimestamp() - _start) / time.TimestampFrequency;
        long second = (long)elapsed;
        if (second != _second)
        {
            _before = second == _second + 1 ? _now : 0;
            _now = 0;
            _second = second;
        }

        return elapsed;
    }
}
