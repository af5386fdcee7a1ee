using static AsyncPs.ErrorRecords;

namespace AsyncPs.Throttling;

/// <summary>The errors of throttles.</summary>
internal static class ThrottleErrors
{
    /// <summary>A use of a disposed throttle.</summary>
    public static Exception ThrottleDisposed()
        => new ObjectDisposedException(
            "Throttle",
            "The throttle was disposed. Create another one with New-Throttle, or dispose it later.");

    /// <summary>The same error as an error record.</summary>
    public static ErrorRecord ThrottleDisposed(Exception exception, object throttle)
        => new(exception, "ThrottleDisposed", ErrorCategory.ResourceUnavailable, throttle);

    /// <summary>An invalid rate.</summary>
    public static ErrorRecord RateOutOfRange(string parameter, double value)
        => Create(
            $"-{parameter} {value} is not a rate. Use a number above 0, up to 10,000,000 per second.",
            "RateOutOfRange",
            ErrorCategory.InvalidArgument,
            value);

    /// <summary>No permit was available in time.</summary>
    public static ErrorRecord ThrottleTimeout(TimeSpan timeout, object throttle)
        => new(
            new TimeoutException(
                $"No permit of the throttle became available within {Duration(timeout)}. Use a longer -Timeout, "
                    + "or look at its Waiting and Available."),
            "ThrottleTimeout",
            ErrorCategory.OperationTimeout,
            throttle);
}
