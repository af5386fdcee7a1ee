namespace AsyncPs.Data;

/// <summary>What Import-ConcurrentData has done.</summary>
/// <param name="Table">The table, as the database calls it.</param>
/// <param name="Rows">How many rows were loaded.</param>
/// <param name="BadRows">How many were not.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ImportSummary(string Table, long Rows, long BadRows, TimeSpan Elapsed);
