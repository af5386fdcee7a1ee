namespace AsyncPs.Blocks;

/// <summary>The values of `$args` and `param()` for one item, if they differ between the items of a call.</summary>
internal sealed record ItemArguments(object?[] Values);
