namespace AsyncPs.Blocks;

/// <summary>What the block of one item gets as `$args` and `param()`, where that is not the same for all items of a call.</summary>
internal sealed record ItemArguments(object?[] Values);
