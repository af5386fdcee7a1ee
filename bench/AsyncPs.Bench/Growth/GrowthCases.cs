using System.Globalization;

namespace AsyncPs.Bench.Growth;

/// <summary>What may grow with the size of the work.</summary>
internal static class GrowthCases
{
    private const int Records = 1_000_000;

    public static IEnumerable<GrowthSeries> All()
    {
        yield return new GrowthSeries("Items of a call, trivial, limit 2", "item",
        [
            .. Sizes(1000, 10_000_000).Select(static count => new GrowthPoint(
                Text(count), count, $"1..{count} | Invoke-Concurrent {{ $_ * 2 }} -ThrottleLimit 2")),
        ]);
        yield return new GrowthSeries("`-ThrottleLimit`, 100,000 trivial items", "item",
        [
            .. Sizes(1, 10_000).Select(static limit => new GrowthPoint(
                Text(limit), 100_000, $"1..100000 | Invoke-Concurrent {{ $_ * 2 }} -ThrottleLimit {limit}")),
        ]);
        yield return new GrowthSeries("Suspended blocks, each awaits 100 ms", "block",
        [
            .. Sizes(100, 100_000).Select(static count => new GrowthPoint(
                Text(count),
                count,
                $"1..{count} | Invoke-Concurrent {{ await ([Threading.Tasks.Task]::Delay(100)) }} -ThrottleLimit {count}")),
        ]);
        yield return new GrowthSeries("Jobs of one pipeline", "job",
        [
            .. Sizes(100, 100_000).Select(static count => new GrowthPoint(
                Text(count), count, $"1..{count} | Start-Throttled {{ $_ }} | Receive-Job -Wait -AutoRemoveJob")),
        ]);
        yield return new GrowthSeries("Items that wait in a queue, written and then read", "item",
        [
            .. Sizes(1000, 1_000_000).Select(static count => new GrowthPoint(
                Text(count),
                count,
                $"1..{count} | Write-AsyncQueue $depth; Complete-AsyncQueue $depth; Read-AsyncQueue $depth",
                "$global:depth = New-AsyncQueue")),
        ]);
        yield return new GrowthSeries("Records that one item writes, 1,000,000 in total", "record",
        [
            .. Sizes(1, 100_000).Select(static count => new GrowthPoint(
                Text(count), Records, $"1..{Records / count} | Invoke-Concurrent {{ 1..{count} }} -ThrottleLimit 2")),
        ]);
        yield return new GrowthSeries("Size of a record", "record", [.. RecordSizes(10_000, "-ThrottleLimit 2")]);
        yield return new GrowthSeries("Size of a record from another process", "record", [.. RecordSizes(1000, "-Process 2")]);
    }

    private static IEnumerable<GrowthPoint> RecordSizes(int count, string options)
        => Sizes(1, 10_000_000).Where(static size => size is 1 or 1000 or 100_000 or 10_000_000).Select(size =>
        {
            int fewer = (int)Math.Clamp(200_000_000L / size, 10, count);
            return new GrowthPoint(
                $"{Text(size)} characters",
                fewer,
                $"1..{fewer} | Invoke-Concurrent {{ $record }} {options}",
                $"$global:record = 'x' * {size}");
        });

    private static IEnumerable<int> Sizes(int first, int last)
    {
        for (int size = first; size <= last; size *= 10)
        {
            yield return size;
        }
    }

    private static string Text(int size) => size.ToString("#,0", CultureInfo.InvariantCulture);
}
