namespace AsyncPs.Bench.Growth;

/// <summary>What was measured at one size.</summary>
/// <param name="Series">What grows.</param>
/// <param name="Each">What is counted.</param>
/// <param name="Size">The size.</param>
/// <param name="Microseconds">The time for each.</param>
/// <param name="Bytes">What the process allocates for each.</param>
internal sealed record GrowthRow(string Series, string Each, string Size, double Microseconds, double Bytes);
