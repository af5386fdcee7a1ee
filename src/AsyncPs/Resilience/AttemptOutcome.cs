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

    /// <summary>It succeeded.</summary>
    public static AttemptOutcome Success { get; } = new(error: null, mayRetry: false, delay: null);

    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => Error is null;

    /// <summary>Why it failed; null if it did not.</summary>
    public ErrorRecord? Error { get; }

    /// <summary>Whether trying again may help.</summary>
    public bool MayRetry { get; }

    /// <summary>How long to wait before the next attempt, said by the other side (HTTP's Retry-After); null if it did not say.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>What else those who made it have to know of it, or null.</summary>
    public object? Result { get; }

    /// <summary>The same with what else is to be known of it.</summary>
    public AttemptOutcome With(object result) => new(Error, MayRetry, Delay, result);

    /// <summary>It failed.</summary>
    /// <param name="error">Why.</param>
    /// <param name="mayRetry">Whether trying again may help.</param>
    /// <param name="delay">The delay the other side asked for, in place of the backoff; never more than the longest allowed.</param>
    public static AttemptOutcome Failure(ErrorRecord error, bool mayRetry, TimeSpan? delay = null) => new(error, mayRetry, delay);
}
