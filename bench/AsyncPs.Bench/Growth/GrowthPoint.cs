namespace AsyncPs.Bench.Growth;

/// <summary>A script at one size.</summary>
/// <param name="Size">The size, as the page shows it.</param>
/// <param name="Count">How many of what is counted one run of the script has.</param>
/// <param name="Script">The script.</param>
/// <param name="SetUp">Runs before each run of the script, unmeasured; null for nothing.</param>
internal sealed record GrowthPoint(string Size, long Count, string Script, string? SetUp = null);
