namespace AsyncPs.Bench.Growth;

/// <summary>One kind of work at several sizes. What one of them costs should not depend on the size.</summary>
/// <param name="Name">What grows.</param>
/// <param name="Each">What is counted.</param>
/// <param name="Points">The sizes, from the smallest.</param>
internal sealed record GrowthSeries(string Name, string Each, IReadOnlyList<GrowthPoint> Points);
