namespace AsyncPs.Resilience;

/// <summary>Thrown for a call that was not made because the circuit breaker is open.</summary>
/// <param name="message">The message.</param>
/// <param name="retryAfter">How long until another attempt is worthwhile; null if it was opened by hand.</param>
public sealed class CircuitOpenException(string message, TimeSpan? retryAfter) : Exception(message), IRetryHint
{
    /// <summary>How long until another attempt is worthwhile; null if it was opened by hand.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    bool IRetryHint.IsTransient => false;

    bool IRetryHint.MayRepeat => false;
}
