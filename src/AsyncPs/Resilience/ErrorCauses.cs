using System.Reflection;

namespace AsyncPs.Resilience;

/// <summary>The exceptions of an error: its own, and those that the engine has only wrapped.</summary>
internal static class ErrorCauses
{
    // The wrapping ends somewhere; a longer chain is not worth following.
    private const int MaxDepth = 16;

    /// <summary>The record of an exception, as a script's catch has it.</summary>
    public static ErrorRecord RecordOf(Exception exception) => exception switch
    {
        // The engine's own exceptions have a record with a placeholder for the exception.
        IContainsErrorRecord { ErrorRecord: { Exception: ParentContainsErrorRecordException } own } => new ErrorRecord(own, exception),
        IContainsErrorRecord { ErrorRecord: { } own } => own,
        _ => new ErrorRecord(exception, exception.GetType().Name, ErrorCategory.NotSpecified, targetObject: null),
    };

    /// <summary>An exception that carries a record unchanged to a script's catch.</summary>
    public static RuntimeException ExceptionOf(ErrorRecord error) => new(error.Exception.Message, error.Exception, error);

    /// <summary>
    /// The exception that a script's `catch` looks at first: the inner one of a .NET method call, or of a statement such as `1/0`.
    /// </summary>
    public static Exception CaughtOf(ErrorRecord error)
        => error.Exception is RuntimeException { InnerException: { } inner } and not ActionPreferenceStopException
            ? inner
            : error.Exception;

    /// <summary>The exceptions, outermost first. An inner one counts if the outer one only carries it.</summary>
    public static IEnumerable<Exception> Of(ErrorRecord error) => Of(error.Exception, MaxDepth);

    private static IEnumerable<Exception> Of(Exception? exception, int depth)
    {
        if (exception is null || depth == 0)
        {
            yield break;
        }

        yield return exception;
        IEnumerable<Exception?> carried = exception switch
        {
            ActionPreferenceStopException stop => [stop.ErrorRecord?.Exception, stop.InnerException],
            RuntimeException or TargetInvocationException => [exception.InnerException],
            AggregateException several => several.InnerExceptions,
            _ => [],
        };
        foreach (Exception cause in carried.SelectMany(inner => inner == exception ? [] : Of(inner, depth - 1)))
        {
            yield return cause;
        }
    }
}
