using AsyncPs.Concurrency.Hedging;
using AsyncPs.Concurrency.Waits;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Concurrency;

/// <summary>The errors of calls and their items.</summary>
internal static class CallErrors
{
    /// <summary>A callback on the item's token has failed. It runs outside any pipeline, so this is a warning.</summary>
    public static WarningRecord CallbackFailed(WorkItem item, Exception failure)
        => new($"A callback on $AsyncContext.CancellationToken failed for item {item.Index}: {failure.Message} "
            + "It runs on a thread without a runspace: register a .NET method, not a script block.");

    /// <summary>A finally block of a stopped item has failed. The item's errors are no longer read, so this is a warning.</summary>
    public static string CleanUpFailed(WorkItem item, ErrorRecord error)
        => $"A finally block failed when item {item.Index} was stopped: {error} ({error.ScriptStackTrace?.Split('\n')[0].Trim()})";

    /// <summary>An item took longer than its time-out.</summary>
    public static ErrorRecord ItemTimedOut(WorkItem item)
    {
        ErrorRecord record = new(
            new TimeoutException(
                $"The item was stopped because it took longer than {Duration(item.Call.Options.ItemTimeout!.Value)} (-ItemTimeout)."),
            "ItemTimedOut",
            ErrorCategory.OperationTimeout,
            item.Input);
        if (item.Work is IAttemptWork work)
        {
            // The input as text could show a secret.
            record.CategoryInfo.TargetName = work.ToString();
        }

        return record;
    }

    /// <summary>A call took longer than its time-out.</summary>
    public static TimeoutException CallTimedOut(TimeSpan timeout, long finished, long running, long waiting)
        => new(
            $"The call was stopped because it took longer than {Duration(timeout)} (-Timeout): "
                + $"{finished} of its items had finished, {running} {(running == 1 ? "was" : "were")} running and {waiting} had not "
                + "started.");

    /// <summary>Items failed in a call with -FailFast.</summary>
    public static Exception FailFast(IReadOnlyList<ErrorRecord> errors)
        => new ConcurrentFailureException(
            (errors.Count == 1 ? "An item failed" : $"{errors.Count} errors occurred") + ", and the other items were stopped (-FailFast).",
            errors);

    /// <summary>Something that the whole call depends on has failed.</summary>
    public static ErrorRecord CallFailed(Exception exception) => exception switch
    {
        ConcurrentArgumentException { Record: var own } => own,
        IContainsErrorRecord { ErrorRecord: { } record } => new ErrorRecord(record, exception),
        ConcurrentFailureException { ErrorRecords: var errors }
            => new ErrorRecord(exception, "FailFast", ErrorCategory.OperationStopped, errors[0].TargetObject),
        TimeoutException => new ErrorRecord(exception, "CallTimedOut", ErrorCategory.OperationTimeout, null),
        _ => new ErrorRecord(exception, "CallFailed", ErrorCategory.InvalidOperation, null),
    };

    /// <summary>All permits are held by the caller that waits for one.</summary>
    public static DeadlockException ThrottleWaitsForItself(Throttling.Throttle throttle)
        => new(
            $"The throttle cannot grant a permit: all {throttle.Limit} are held by code that waits for this block, or for a permit too. "
                + "Take the permit once, around all code that needs it, or use another throttle inside, or a larger -Limit.",
            "ThrottleWaitsForItself",
            throttle);

    /// <summary>What to do about a command that a block calls and its worker does not have.</summary>
    public static ErrorDetails CommandNotInWorker(CommandNotFoundException exception)
        => new(
            $"{exception.Message} A concurrent block sees the functions that it names in the caller's session: "
                + $"define '{exception.CommandName}' before the call, or pass it with -Function, or its module with -Module.");
}
