using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;

namespace AsyncPs.Commands.Base;

/// <summary>
/// Runs a block where the caller is, like <see cref="CallerBlock"/>, but so that it can be stopped and the caller go on: in a pipeline
/// within the caller's pipeline. A `throw` ends it whatever the caller's preference is.
/// </summary>
internal static class LimitedBlock
{
    /// <summary>Runs a block, whose records but for the output are those of the cmdlet.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="block">The block.</param>
    /// <param name="item">The value of `$_`, or <see cref="CallerBlock.Unset"/>.</param>
    /// <param name="arguments">What `$args` and `param()` get.</param>
    /// <param name="output">Is given what the block writes, as it writes it.</param>
    /// <param name="errors">Is given each error that the block writes, after it was written; then errors that end a statement end the
    /// block, as within a `try`.</param>
    /// <param name="cancellationToken">Stops the block, and nothing around it.</param>
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
