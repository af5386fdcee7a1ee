using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Base;

/// <summary>
/// Runs a block in the caller's scope, like <see cref="CallerBlock"/>, but in a nested pipeline: the block can be stopped while the
/// caller continues. A `throw` ends it regardless of the caller's preference.
/// </summary>
internal static class LimitedBlock
{
    /// <summary>Runs a block. All its records except the output go to the cmdlet's streams.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="CallerBlock.Unset"/>.</param>
    /// <param name="arguments">The values of `$args` and `param()`.</param>
    /// <param name="output">Receives the output of the block as it is written.</param>
    /// <param name="errors">Receives each error of the block after it was written. With it, statement-terminating errors end the block, as
    /// in a `try`.</param>
    /// <param name="cancellationToken">Stops the block alone.</param>
    /// <exception cref="OperationCanceledException">The block was stopped.</exception>
    public static void Invoke(
        AsyncCommand command,
        ScriptBlock block,
        object? item,
        object?[] arguments,
        Action<object?> output,
        Action<ErrorRecord>? errors,
        CancellationToken cancellationToken)
    {
        var writer = new RecordWriter(command);
        using var heard = new HeardErrors(command, block);
        NestedPipeline.Run(
            inner => CallerBlock.Invoke(inner, block, item, arguments),
            merged =>
            {
                StreamRecord record = StreamRecord.FromMerged(merged);
                if (record.Kind == StreamKind.Output)
                {
                    output(record.Data);
                    return;
                }

                writer.Write(record);
                if (record.Kind == StreamKind.Error)
                {
                    errors?.Invoke((ErrorRecord)record.Data!);
                }
            },
            inTry: errors is not null,
            command.StopToken,
            cancellationToken);
    }
}
