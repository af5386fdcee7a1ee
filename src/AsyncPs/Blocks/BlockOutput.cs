using AsyncPs.Concurrency;

namespace AsyncPs.Blocks;

/// <summary>What a block has written that ran to its end.</summary>
/// <param name="Output">Its output, in order.</param>
/// <param name="Records">What it has written to the other streams, in order.</param>
internal sealed record BlockOutput(object?[] Output, IReadOnlyList<StreamRecord> Records)
{
    /// <summary>What the output amounts to where one value is wanted: nothing, one object, or an array of several.</summary>
    public object? Value => ValueOf(Output);

    /// <inheritdoc cref="Value"/>
    public static object? ValueOf(object?[] output) => output switch
    {
        [] => null,
        [var only] => only,
        _ => output,
    };

    /// <summary>Whether it has written errors, none of which has ended it.</summary>
    public bool HasErrors => Records.Any(static record => record.Kind == StreamKind.Error);
}
