namespace AsyncPs.Resilience;

/// <summary>How an attempt ended.</summary>
internal sealed class AttemptOutcome
{
    private AttemptOutcome(ErrorRecord? error, bool mayRetry, TimeSpan? delay, object? result = null)
    {
        Result = result;
        Error = error;
        MayRetry = mayRetry;
        Delay = delay;
    }

    /// <summary>The outcome of a successful attempt.</summary>
    public static AttemptOutcome Success { get; } = new(error: null, mayRetry: false, delay: null);

    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => Error is null;

    /// <summary>The error of a failed attempt; otherwise null.</summary>
    public ErrorRecord? Error { get; }

    /// <summary>Whether another attempt may help.</summary>
    public bool MayRetry { get; }

    /// <summary>How long the other side asked to wait (HTTP's Retry-After); null if it did not.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>Additional data of the code that made the attempt, or null.</summary>
    public object? Result { get; }

    /// <summary>The same outcome with additional data.</summary>
    public AttemptOutcome With(object result) => new(Error, MayRetry, Delay, result);

    /// <summary>The outcome of a failed attempt.</summary>
    /// <param name="error">The error.</param>
    /// <param name="mayRetry">Whether another attempt may help.</param>
    /// <param name="delay">The delay that the other side asked for, which replaces the backoff, up to the longest delay.</param>
    public static AttemptOutcome Failure(ErrorRecord error, bool mayRetry, TimeSpan? delay = null) => new(error, mayRetry, delay);
}
