namespace AsyncPs.Bench.Growth;

/// <summary>
/// Measures time and allocations of series. All sizes of a series take turns, so other load on the machine affects all alike.
/// </summary>
internal static class GrowthRunner
{
    private const int Rounds = 5;

    // From here on one round is enough: it takes seconds.
    private const double Long = 5000;

    public static IEnumerable<GrowthRow> Run(GrowthSeries series)
    {
        var times = series.Points.ToDictionary(static point => point, static _ => new List<double>());
        var bytes = series.Points.ToDictionary(static point => point, static _ => new List<double>());

        // The first round warms up.
        for (int round = 0; round <= Rounds; round++)
        {
            foreach (GrowthPoint point in series.Points)
            {
                if (round > 1 && times[point] is [> Long, ..])
                {
                    continue;
                }

                (double time, double allocated) = Measure(point);
                if (round == 0)
                {
                    continue;
                }

                times[point].Add(time);
                bytes[point].Add(allocated);
            }
        }

        return series.Points.Select(point => new GrowthRow(
            series.Name,
            series.Each,
            point.Size,
            Runner.Median(times[point]) * 1000 / point.Count,
            Runner.Median(bytes[point]) / point.Count));
    }

    private static (double Milliseconds, double Bytes) Measure(GrowthPoint point)
    {
        if (point.SetUp is not null)
        {
            Session.Shared.Run(point.SetUp);
        }

        GC.Collect();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        double time = Session.Shared.Time(point.Script);
        return (time, GC.GetTotalAllocatedBytes(precise: true) - before);
    }
}
