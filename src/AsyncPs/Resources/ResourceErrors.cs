using static AsyncPs.ErrorRecords;

namespace AsyncPs.Resources;

/// <summary>The errors of resources.</summary>
internal static class ResourceErrors
{
    /// <summary>A resource that is null.</summary>
    public static ConcurrentArgumentException ResourceIsNull()
        => new(Create(
            "-Resource has a value that is $null. Pass an object, or a block that creates one.",
            "ResourceIsNull",
            ErrorCategory.InvalidArgument,
            null));

    /// <summary>A resource that cannot be cleaned up.</summary>
    public static ConcurrentArgumentException ResourceNotDisposable(object resource)
        => new(Create(
            $"-Resource: '{resource}' ({TypeName(resource)}) cannot be disposed. Use -Exit to clean it up, "
                + "or -Transaction to commit it.",
            "ResourceNotDisposable",
            ErrorCategory.InvalidArgument,
            resource));

    /// <summary>A resource without transactions.</summary>
    public static ConcurrentArgumentException ResourceNotTransactional(object resource)
        => new(Create(
            $"-Transaction: '{resource}' ({TypeName(resource)}) has no transactions. Pass a database connection, a data source, "
                + "a transaction, or an object with the methods Commit and Rollback.",
            "ResourceNotTransactional",
            ErrorCategory.InvalidArgument,
            resource));

    /// <summary>A block that writes no resource, or several.</summary>
    public static ConcurrentArgumentException NotOneResource(ScriptBlock block, int count)
        => new(Create(
            $"-Resource: the block {{{block}}} wrote {count} objects instead of one. A block writes the resource that it creates and "
                + "nothing else; pass several blocks for several resources.",
            "NotOneResource",
            ErrorCategory.InvalidArgument,
            block));

    /// <summary>A block that took too long with its resources.</summary>
    public static ErrorRecord ResourceTimeout(TimeSpan timeout)
        => new(
            new TimeoutException(
                $"The block was stopped because it took longer than {Duration(timeout)} (-Timeout). The resources were cleaned up."),
            "ResourceTimeout",
            ErrorCategory.OperationTimeout,
            null);

    /// <summary>A block that has written errors in a transaction.</summary>
    public static ErrorRecord TransactionHadErrors(ErrorRecord first, int count)
        => new(
            new InvalidOperationException(
                $"The transaction was rolled back because its block wrote {(count == 1 ? "an error" : $"{count} errors, the first")}: "
                    + $"{first}", first.Exception),
            "TransactionRolledBack",
            ErrorCategory.OperationStopped,
            first.TargetObject);

    /// <summary>A clean-up that failed: its error, with the name of the clean-up.</summary>
    public static ErrorRecord CleanUpFailed(CleanUpKind kind, object resource, Exception exception)
    {
        while (exception is MethodInvocationException { InnerException: { } inner })
        {
            exception = inner;
        }

        (string id, string what) = kind switch
        {
            CleanUpKind.Exit => ("ResourceExitFailed", "-Exit failed for the resource"),
            CleanUpKind.Commit => ("CommitFailed", "Committing failed, or its result is unknown, for the transaction"),
            CleanUpKind.Rollback => ("RollbackFailed", "Rolling back failed for the transaction"),
            _ => ("ResourceDisposeFailed", "Disposing failed for the resource"),
        };
        return new ErrorRecord(exception, id, ErrorCategory.CloseError, resource)
        {
            ErrorDetails = new ErrorDetails($"{what} {TypeName(resource)}: {exception.Message}"),
        };
    }

    /// <summary>A clean-up that took too long after a stop.</summary>
    public static TimeoutException CleanUpTooSlow(TimeSpan grace)
        => new($"It was abandoned because it had not ended {Duration(grace)} after the pipeline was stopped.");
}
