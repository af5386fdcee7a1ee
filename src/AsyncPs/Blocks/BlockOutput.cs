using AsyncPs.Concurrency;

namespace AsyncPs.Blocks;

/// <summary>The records of a block that ran to its end.</summary>
/// <param name="Output">Its output, in order.</param>
/// <param name="Records">The records of the other streams, in order.</param>
internal sealed record BlockOutput(object?[] Output, IReadOnlyList<StreamRecord> Records)
{
    /// <summary>The output as one value: null, one object, or an array of several.</summary>
    public object? Value => ValueOf(Output);

    /// <inheritdoc cref="Value"/>
    public static object? ValueOf(object?[] output) => output switch
    {
        [] => null,
        [var only] => only,
        _ => output,
    };

    /// <summary>Whether it has written errors, none of which ended it.</summary>
    public bool HasErrors => Records.Any(static record => record.Kind == StreamKind.Error);
}
