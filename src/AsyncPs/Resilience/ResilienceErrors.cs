using static AsyncPs.ErrorRecords;

namespace AsyncPs.Resilience;

/// <summary>The errors of retries and circuit breakers.</summary>
internal static class ResilienceErrors
{
    /// <summary>A name that is not the name of a type.</summary>
    public static Exception NotAnExceptionTypeName(string parameter, object? value)
        => new ConcurrentArgumentException(Create(
            value is string name
                ? $"-{parameter}: there is no exception type named '{name}'. Correct the name, "
                    + "or load the module or assembly that contains the type; full and short names both work."
                : $"-{parameter} takes exception types, their names, or one script block that gets the error as $_; "
                    + $"'{value}' is none of these.",
            "NotAnExceptionTypeName",
            ErrorCategory.InvalidArgument,
            value));

    /// <summary>A type that is not an exception.</summary>
    public static Exception NotAnExceptionType(string parameter, Type type)
        => new ConcurrentArgumentException(Create(
            $"-{parameter}: {type.FullName} is not an exception type, so it matches no error. "
                + "Name the type of exception, for example System.IO.IOException.",
            "NotAnExceptionType",
            ErrorCategory.InvalidArgument,
            type));

    /// <summary>More than one filter block.</summary>
    public static Exception SeveralRetryFilters(string parameter, ScriptBlock second)
        => new ConcurrentArgumentException(Create(
            $"-{parameter} takes one script block. Join the conditions in one block with -or.",
            "SeveralRetryFilters",
            ErrorCategory.InvalidArgument,
            second));

    /// <summary>A call that was not made.</summary>
    public static CircuitOpenException CircuitOpen(TimeSpan? retryAfter)
        => new(
            retryAfter is { } left
                ? $"The circuit breaker is open, so the call was not made; it lets one through in {Duration(left)}. "
                    + "See its LastError for why."
                : "The circuit breaker does not let calls through. See its State and LastError; if it was isolated, close it with Close().",
            retryAfter);

    /// <summary>The same error as an error record.</summary>
    public static ErrorRecord CircuitOpen(CircuitOpenException exception, CircuitBreaker breaker)
        => new(exception, "CircuitOpen", ErrorCategory.ResourceUnavailable, breaker);

    /// <summary>The attempts together took too long.</summary>
    public static ErrorRecord RetryTimeout(TimeSpan timeout, int attempts, ErrorRecord? last)
        => new(
            new TimeoutException(
                $"The block did not succeed within {Duration(timeout)}, in {attempts} {(attempts == 1 ? "attempt" : "attempts")}. "
                    + "Use a longer -Timeout"
                + (last is null ? "." : $"; the last error was: {last}"),
                last?.Exception),
            "RetryTimeout",
            ErrorCategory.OperationTimeout,
            last?.TargetObject);

    /// <summary>A time outside the range of a circuit breaker.</summary>
    public static ErrorRecord CircuitTimeOutOfRange(string parameter, TimeSpan value, TimeSpan shortest, TimeSpan longest)
        => Create(
            $"-{parameter} is {Duration(value)}. Use a time from {Duration(shortest)} to {Duration(longest)}.",
            "CircuitTimeOutOfRange",
            ErrorCategory.InvalidArgument,
            value);
}
