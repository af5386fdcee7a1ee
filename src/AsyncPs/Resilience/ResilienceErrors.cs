using static AsyncPs.ErrorRecords;

namespace AsyncPs.Resilience;

/// <summary>The errors of retries and circuit breakers.</summary>
internal static class ResilienceErrors
{
    /// <summary>A name that no type has.</summary>
    public static Exception NotAnExceptionTypeName(string parameter, object? value)
        => new ConcurrentArgumentException(Create(
            value is string name
                ? $"-{parameter}: there is no exception type named '{name}'. Correct the name, "
                    + "or load the module or assembly that brings the type; full and short names both work."
                : $"-{parameter} takes exception types, names of them, or one script block that is given the error as $_; "
                    + $"'{value}' is none of these.",
            "NotAnExceptionTypeName",
            ErrorCategory.InvalidArgument,
            value));

    /// <summary>A type that is not thrown.</summary>
    public static Exception NotAnExceptionType(string parameter, Type type)
        => new ConcurrentArgumentException(Create(
            $"-{parameter}: {type.FullName} is not an exception type, so no error is ever of it. "
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
                : "The circuit breaker lets no call through. See its State and LastError; if it was isolated, close it with Close().",
            retryAfter);

    /// <summary>The same as an error record.</summary>
    public static ErrorRecord CircuitOpen(CircuitOpenException exception, CircuitBreaker breaker)
        => new(exception, "CircuitOpen", ErrorCategory.ResourceUnavailable, breaker);

    /// <summary>Attempts took too long altogether.</summary>
    public static ErrorRecord RetryTimeout(TimeSpan timeout, int attempts, ErrorRecord? last)
        => new(
            new TimeoutException(
                $"The block did not succeed within {Duration(timeout)}, in {attempts} {(attempts == 1 ? "attempt" : "attempts")}. "
                    + "Give a longer -Timeout"
                + (last is null ? "." : $"; the last error was: {last}"),
                last?.Exception),
            "RetryTimeout",
            ErrorCategory.OperationTimeout,
            last?.TargetObject);

    /// <summary>A time that a circuit breaker does not take.</summary>
    public static ErrorRecord CircuitTimeOutOfRange(string parameter, TimeSpan value, TimeSpan shortest, TimeSpan longest)
        => Create(
            $"-{parameter} is {Duration(value)}. Give a time from {Duration(shortest)} to {Duration(longest)}.",
            "CircuitTimeOutOfRange",
            ErrorCategory.InvalidArgument,
            value);
}
