namespace AsyncPs.Data;

/// <summary>The result of Import-ConcurrentData.</summary>
/// <param name="Table">The table, as the database names it.</param>
/// <param name="Rows">How many rows were loaded.</param>
/// <param name="BadRows">How many rows were not.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ImportSummary(string Table, long Rows, long BadRows, TimeSpan Elapsed);
