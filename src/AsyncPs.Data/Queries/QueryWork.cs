namespace AsyncPs.Data.Queries;

/// <summary>What an item has to do: the values of its execution, or to say why there are none.</summary>
/// <param name="Values">The values, in the order of the query's names; null if there are none.</param>
/// <param name="Failure">Why there are none, or null.</param>
internal sealed record QueryWork(object?[]? Values, Exception? Failure);
