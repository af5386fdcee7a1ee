namespace AsyncPs.Concurrency.Scripts;

/// <summary>What a block has written that ran to its end.</summary>
/// <param name="Output">Its output, in order.</param>
/// <param name="Records">What it has written to the other streams, in order.</param>
internal sealed record BlockOutput(object?[] Output, IReadOnlyList<StreamRecord> Records)
{
    /// <summary>Whether it has written errors, none of which has ended it.</summary>
    public bool HasErrors => Records.Any(static record => record.Kind == StreamKind.Error);
}
