using System.Management.Automation.Language;

namespace AsyncPs;

/// <summary>The errors of the module, made in one place, with an id each. Every message names what is wrong and the remedy.</summary>
internal static partial class Errors
{
    /// <summary>A `$using:` variable that the caller does not have.</summary>
    public static Exception UsingVariableNotSet(UsingExpressionAst expression)
        => new ConcurrentArgumentException(Create(
            $"{expression.Extent.Text} cannot be read: the variable is not set where the block is given to the command. Set it before, or remove it from the block.",
            "UsingVariableNotSet",
            ErrorCategory.InvalidArgument,
            expression.Extent.Text));

    /// <summary>Several blocks and pipeline input.</summary>
    public static ErrorRecord SeveralBlocksWithInput(object blocks)
        => Create(
            "-ScriptBlock takes one block when there is pipeline input. Pass one block, or leave the input out to run each block once.",
            "SeveralBlocksWithInput",
            ErrorCategory.InvalidArgument,
            blocks);

    /// <summary>Somebody closed the runspace of a worker while it ran an item.</summary>
    public static ErrorRecord SessionClosed(object? item)
        => new(
            new InvalidOperationException("The runspace that ran this item was closed from outside. Leave runspaces named 'AsyncPs worker' alone, or run the item again."),
            "SessionClosed",
            ErrorCategory.OperationStopped,
            item);

    /// <summary>A worker's own pipeline did not run.</summary>
    public static Exception WorkerPipelineFailed(ErrorRecord? cause)
        => new InvalidOperationException($"A worker could not start: {cause?.ToString() ?? "its pipeline ended at once"}.", cause?.Exception);

    /// <summary>Something that the whole call stands on has failed.</summary>
    public static ErrorRecord CallFailed(Exception exception)
        => exception is IContainsErrorRecord { ErrorRecord: { } record }
            ? new ErrorRecord(record, exception)
            : new ErrorRecord(exception, "CallFailed", ErrorCategory.InvalidOperation, null);

    private static ErrorRecord Create(string message, string id, ErrorCategory category, object? target)
        => new(new PSArgumentException(message), id, category, target);
}
