using AsyncPs.Concurrency.Measuring;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Percentiles of times.</summary>
public sealed class TimeHistogramTests
{
    [Fact]
    public void Nothing_has_no_percentiles() => Assert.Equal(TimeSpan.Zero, new TimeHistogram().Percentile(0.5));

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(999)]
    [InlineData(123_456)]
    [InlineData(3_600_000_000)]
    [InlineData(400_000_000_000)]
    public void One_time_is_every_percentile(long microseconds)
    {
        var histogram = new TimeHistogram();
        var time = TimeSpan.FromMicroseconds(microseconds);

        histogram.Add(time);

        Assert.Equal(time, histogram.Percentile(0.01));
        Assert.Equal(time, histogram.Percentile(1));
        Assert.Equal(time, histogram.Longest);
    }

    [Fact]
    public void Percentiles_are_at_most_a_sixteenth_too_long()
    {
        var histogram = new TimeHistogram();
        var random = new Random(7);
        long[] times = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        foreach (long time in times)
        {
            histogram.Add(TimeSpan.FromMicroseconds(time));
        }

        Array.Sort(times);
        foreach (double share in new[] { 0.5, 0.9, 0.95, 0.99, 0.999 })
        {
            double right = times[(int)Math.Ceiling(times.Length * share) - 1];
            double found = histogram.Percentile(share).TotalMicroseconds;
            Assert.InRange(found, right, (right * 17 / 16) + 1);
        }
    }

    [Fact]
    public void A_time_beyond_the_last_bucket_is_counted_in_it()
    {
        var histogram = new TimeHistogram();

        histogram.Add(TimeSpan.MaxValue);
        histogram.Add(TimeSpan.FromSeconds(-1));

        Assert.Equal(TimeSpan.MaxValue, histogram.Longest);
        Assert.InRange(histogram.Percentile(0.5), TimeSpan.Zero, TimeSpan.FromMicroseconds(1));
    }
}
