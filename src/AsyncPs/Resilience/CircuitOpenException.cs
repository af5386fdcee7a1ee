namespace AsyncPs.Resilience;

/// <summary>A call was not made because the circuit breaker is open.</summary>
/// <param name="message">What happened.</param>
/// <param name="retryAfter">When it is worth another try; null if only a person can say.</param>
public sealed class CircuitOpenException(string message, TimeSpan? retryAfter) : Exception(message), IRetryHint
{
    /// <summary>When it is worth another try; null if only a person can say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    bool IRetryHint.IsTransient => false;

    bool IRetryHint.MayRepeat => false;
}
