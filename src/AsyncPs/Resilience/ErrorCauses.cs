using System.Reflection;

namespace AsyncPs.Resilience;

/// <summary>The exceptions that an error stands for: its own, and those that the engine has only wrapped.</summary>
internal static class ErrorCauses
{
    // PSObjectExtensions has an end; a chain that has none is not worth more than this.
    private const int MaxDepth = 16;

    /// <summary>The record of an exception, as a script's catch has it.</summary>
    public static ErrorRecord RecordOf(Exception exception) => exception switch
    {
        // The record of what the engine itself throws has a stand-in for the exception, which names nothing.
        IContainsErrorRecord { ErrorRecord: { Exception: ParentContainsErrorRecordException } own } => new ErrorRecord(own, exception),
        IContainsErrorRecord { ErrorRecord: { } own } => own,
        _ => new ErrorRecord(exception, exception.GetType().Name, ErrorCategory.NotSpecified, targetObject: null),
    };

    /// <summary>An exception that brings a script's catch a record as it is.</summary>
    public static RuntimeException ExceptionOf(ErrorRecord error) => new(error.Exception.Message, error.Exception, error);

    /// <summary>
    /// The exception that a script's `catch` looks for first: what is within the exception of a .NET method that was called, or of a
    /// statement such as `1/0`.
    /// </summary>
    public static Exception CaughtOf(ErrorRecord error)
        => error.Exception is RuntimeException { InnerException: { } inner } and not ActionPreferenceStopException
            ? inner
            : error.Exception;

    /// <summary>The exceptions, the outermost first. The inner one counts where the outer was made only to carry it.</summary>
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
