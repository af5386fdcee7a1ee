using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <summary>Makes the error record of an item from what was thrown or written while it ran.</summary>
internal static class ItemErrors
{
    // The error id of Pester's `Should`. Pester reads the details from the error's target.
    private const string FailedAssertion = "PesterAssertionFailed";

    /// <summary>Whether an error is a failed test assertion. In place it ends the test.</summary>
    public static bool IsFailedAssertion(ErrorRecord record) => record.FullyQualifiedErrorId == FailedAssertion;

    /// <summary>
    /// The record of an exception that ended an item, with its own id, category and position, and the item as its target.
    /// </summary>
    public static ErrorRecord FromException(Exception exception, WorkItem item)
    {
        ErrorRecord record = exception is IContainsErrorRecord { ErrorRecord: { } own }
            ? new ErrorRecord(own, exception is RuntimeException ? ErrorCauses.RecordOf(exception).Exception : exception)
            : new ErrorRecord(exception, exception.GetType().Name, ErrorCategory.NotSpecified, item.Input);
        if (!IsFailedAssertion(record))
        {
            EngineInternals.SetTargetObject?.Invoke(record, item.Input);
        }

        AddRemedy(record, exception);
        return record;
    }

    /// <summary>Gives a written error the item as its target, unless it has one of its own.</summary>
    public static ErrorRecord FromWritten(ErrorRecord record, WorkItem item)
    {
        if (record.TargetObject is null)
        {
            EngineInternals.SetTargetObject?.Invoke(record, item.Input);
        }

        AddRemedy(record, record.Exception);
        return record;
    }

    /// <summary>
    /// Whether an exception that left a stopped block comes from a finally clause. A wait for a token or the loading of a module also fails
    /// when it is stopped; that does not count.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <param name="block">The block.</param>
    public static bool IsOfCleanUp(Exception exception, ScriptBlock block)
    {
        if (exception is not RuntimeException || IsCutLoading(exception, block))
        {
            return false;
        }

        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is PipelineStoppedException or OperationCanceledException or ThreadInterruptedException)
            {
                return false;
            }
        }

        return true;
    }

    // If a stop cuts off the loading of a module, its commands do not exist. A finally clause is not cut off.
    private static bool IsCutLoading(Exception exception, ScriptBlock block)
        => exception is CommandNotFoundException error
            && (error.InnerException is not null || !FinallyClauses.MayHold(block, error.ErrorRecord));

    private static void AddRemedy(ErrorRecord record, Exception cause)
    {
        // A cmdlet that looks for commands, such as Get-Command, has its own name in the error id; a missing command there needs no remedy.
        if (cause is CommandNotFoundException exception
            && record is { ErrorDetails: null, FullyQualifiedErrorId: nameof(CommandNotFoundException) })
        {
            record.ErrorDetails = CallErrors.CommandNotInWorker(exception);
        }
    }
}
