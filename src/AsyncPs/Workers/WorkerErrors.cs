namespace AsyncPs.Workers;

/// <summary>The errors of workers: their start, their end and their loss.</summary>
internal static class WorkerErrors
{
    /// <summary>The -FinalizationScript block of a worker failed.</summary>
    public static ErrorRecord FinalizationFailed(Exception error)
        => new(
            new InvalidOperationException($"-FinalizationScript failed: {error.Message}", error),
            "FinalizationFailed",
            ErrorCategory.InvalidOperation,
            null);

    /// <summary>The -InitializationScript block of a worker failed.</summary>
    public static Exception InitializationFailed(RuntimeException error)
    {
        var exception = new InvalidOperationException($"-InitializationScript failed, so no item can run: {error.Message}", error);
        return new ConcurrentArgumentException(new ErrorRecord(exception, "InitializationFailed", ErrorCategory.InvalidOperation, null));
    }

    /// <summary>Other code closed the runspace of a worker while it ran an item.</summary>
    public static ErrorRecord SessionClosed(object? item)
        => new(
            new InvalidOperationException("The runspace that ran this item was closed from outside. "
                + "Leave runspaces named 'AsyncPs worker' alone, or run the item again."),
            "SessionClosed",
            ErrorCategory.OperationStopped,
            item);

    /// <summary>The system gives the process no more threads.</summary>
    public static Exception OutOfThreads(Exception cause)
        => new InvalidOperationException(
            "No worker could start: the system does not allow this process more threads. "
            + "Use a smaller -ThrottleLimit, or raise the limit (ulimit -u).",
            cause);

    /// <summary>An item was suspended, and its worker is gone or will not be free.</summary>
    public static ErrorRecord SessionLost(object? item)
        => new(
            new InvalidOperationException("The item waited in a runspace that is gone or blocked by an item that cannot be stopped. "
                + "Run it again."),
            "SessionLost",
            ErrorCategory.OperationStopped,
            item);

    /// <summary>A script called the command of a worker's own pipeline.</summary>
    public static Exception WorkerCommandInBlock()
        => new InvalidOperationException("This command is the worker's own. Use Invoke-Concurrent to run items.");

    /// <summary>A worker's own pipeline did not run.</summary>
    public static Exception WorkerPipelineFailed(ErrorRecord? cause)
        => new InvalidOperationException(
            $"A worker could not start: {cause?.ToString() ?? "its pipeline ended at once"}.",
            cause?.Exception);
}
