namespace AsyncPs.Blocks;

/// <summary>The values of <see cref="PipelineVariables"/> for one item.</summary>
internal sealed record PipelineValues(object?[] Values);
