using System.Globalization;
using System.Management.Automation.Language;
using AsyncPs.Concurrency;

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

    /// <summary>A parameter that means nothing without another.</summary>
    public static ErrorRecord NeedsParameter(string parameter, string needed)
        => Create(
            $"-{parameter} has no effect without -{needed}. Add -{needed}, or leave -{parameter} out.",
            "ParameterNeedsAnother",
            ErrorCategory.InvalidArgument,
            parameter);

    /// <summary>The block that prepares a worker failed.</summary>
    public static Exception InitializationFailed(RuntimeException error)
    {
        var exception = new InvalidOperationException($"-InitializationScript failed, so no item can run: {error.Message}", error);
        return new ConcurrentArgumentException(new ErrorRecord(exception, "InitializationFailed", ErrorCategory.InvalidOperation, null));
    }

    /// <summary>The block that a worker ends with failed.</summary>
    public static ErrorRecord FinalizationFailed(Exception error)
        => new(
            new InvalidOperationException($"-FinalizationScript failed: {error.Message}", error),
            "FinalizationFailed",
            ErrorCategory.InvalidOperation,
            null);

    /// <summary>Somebody closed the runspace of a worker while it ran an item.</summary>
    public static ErrorRecord SessionClosed(object? item)
        => new(
            new InvalidOperationException("The runspace that ran this item was closed from outside. Leave runspaces named 'AsyncPs worker' alone, or run the item again."),
            "SessionClosed",
            ErrorCategory.OperationStopped,
            item);

    /// <summary>What a block has registered on the token of its item has failed: a warning, for it runs on no pipeline.</summary>
    public static WarningRecord CallbackFailed(WorkItem item, Exception failure)
        => new($"A callback on $AsyncContext.CancellationToken failed for item {item.Index}: {failure.Message} "
            + "It runs on a thread without a runspace: register a .NET method, not a script block.");

    /// <summary>An item took longer than it may.</summary>
    public static ErrorRecord ItemTimedOut(WorkItem item)
    {
        ErrorRecord record = new(
            new TimeoutException($"The item was stopped because it took longer than {Duration(item.Call.Options.ItemTimeout!.Value)} (-ItemTimeout)."),
            "ItemTimedOut",
            ErrorCategory.OperationTimeout,
            item.Input);
        if (item.Work is { } work)
        {
            // The input as text could show what is secret in it.
            record.CategoryInfo.TargetName = work.ToString();
        }

        return record;
    }

    /// <summary>A call took longer than it may.</summary>
    public static TimeoutException CallTimedOut(TimeSpan timeout, long finished, long running, long waiting)
        => new($"The call was stopped because it took longer than {Duration(timeout)} (-Timeout): {finished} of its items had finished, {running} {(running == 1 ? "was" : "were")} running and {waiting} had not started.");

    /// <summary>Items failed in a call that ends at the first failure.</summary>
    public static Exception FailFast(IReadOnlyList<ErrorRecord> errors)
        => new ConcurrentFailureException(
            (errors.Count == 1 ? "An item failed" : $"{errors.Count} errors occurred") + ", and the other items were stopped (-FailFast).",
            errors);

    /// <summary>A worker's own pipeline did not run.</summary>
    public static Exception WorkerPipelineFailed(ErrorRecord? cause)
        => new InvalidOperationException($"A worker could not start: {cause?.ToString() ?? "its pipeline ended at once"}.", cause?.Exception);

    /// <summary>A script called the command that a worker's own pipeline runs.</summary>
    public static Exception WorkerCommandInBlock()
        => new InvalidOperationException("This command is the worker's own. Use Invoke-Concurrent to run items.");

    /// <summary>Something that the whole call stands on has failed.</summary>
    public static ErrorRecord CallFailed(Exception exception) => exception switch
    {
        ConcurrentArgumentException { Record: var own } => own,
        IContainsErrorRecord { ErrorRecord: { } record } => new ErrorRecord(record, exception),
        ConcurrentFailureException { ErrorRecords: var errors } => new ErrorRecord(exception, "FailFast", ErrorCategory.OperationStopped, errors[0].TargetObject),
        TimeoutException => new ErrorRecord(exception, "CallTimedOut", ErrorCategory.OperationTimeout, null),
        _ => new ErrorRecord(exception, "CallFailed", ErrorCategory.InvalidOperation, null),
    };

    // The same in every culture, and as a duration is written for a parameter.
    private static string Duration(TimeSpan time) => time >= TimeSpan.FromSeconds(1) || time <= TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");

    private static ErrorRecord Create(string message, string id, ErrorCategory category, object? target)
        => new(new PSArgumentException(message), id, category, target);
}
