namespace AsyncPs.Data.Queries;

/// <summary>The work of an item: the values of its execution, or the error if there are none.</summary>
/// <param name="Values">The values, in the order of the query's names; null if there are none.</param>
/// <param name="Failure">The error, or null.</param>
internal sealed record QueryWork(object?[]? Values, Exception? Failure);
