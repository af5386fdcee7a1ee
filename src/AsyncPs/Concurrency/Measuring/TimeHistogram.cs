using System.Numerics;

namespace AsyncPs.Concurrency.Measuring;

/// <summary>
/// A histogram of times, in buckets whose width is at most a sixteenth of the time. It takes a few kilobytes, however many times are
/// counted. Any thread.
/// </summary>
internal sealed class TimeHistogram
{
    // The number of buckets for each power of two.
    private const int BucketBits = 4;
    private const int Buckets = 1 << BucketBits;

    // In microseconds, up to some days.
    private const int Powers = 40;

    private readonly long[] _counts = new long[Buckets * Powers];
    private long _longest;

    /// <summary>The longest time.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Volatile.Read(ref _longest));

    /// <summary>Counts a time.</summary>
    public void Add(TimeSpan time)
    {
        long ticks = Math.Max(0, time.Ticks);
        Interlocked.Increment(ref _counts[IndexOf(ticks / TimeSpan.TicksPerMicrosecond)]);
        long longest = Volatile.Read(ref _longest);
        while (ticks > longest)
        {
            long before = Interlocked.CompareExchange(ref _longest, ticks, longest);
            if (before == longest)
            {
                break;
            }

            longest = before;
        }
    }

    /// <summary>A percentile: the time that a share of all times does not exceed; zero if there are none.</summary>
    /// <param name="share">The share, above 0 and up to 1.</param>
    public TimeSpan Percentile(double share)
    {
        long total = 0;
        foreach (ref long count in _counts.AsSpan())
        {
            total += Volatile.Read(ref count);
        }

        long left = (long)Math.Ceiling(total * share);
        for (int i = 0; total > 0 && i < _counts.Length; i++)
        {
            left -= Volatile.Read(ref _counts[i]);
            if (left <= 0)
            {
                TimeSpan end = TimeSpan.FromMicroseconds(EndOf(i));
                return end < Longest ? end : Longest;
            }
        }

        return Longest;
    }

    // Below the number of buckets each value has one; above, the highest bits choose it.
    private static int IndexOf(long value)
    {
        if (value < Buckets)
        {
            return (int)value;
        }

        int power = BitOperations.Log2((ulong)value) - BucketBits;
        return Math.Min(((power + 1) << BucketBits) + (int)((value >> power) & (Buckets - 1)), (Buckets * Powers) - 1);
    }

    private static double EndOf(int index)
    {
        if (index < Buckets)
        {
            return index + 1;
        }

        int power = (index >> BucketBits) - 1;
        return (double)((index & (Buckets - 1)) + Buckets + 1) * (1L << power);
    }
}
