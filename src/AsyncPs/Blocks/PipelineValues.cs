namespace AsyncPs.Blocks;

/// <summary>The values that <see cref="PipelineVariables"/> have for one item.</summary>
internal sealed record PipelineValues(object?[] Values);
