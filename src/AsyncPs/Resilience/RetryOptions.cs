namespace AsyncPs.Resilience;

/// <summary>When and how often a failed attempt is retried.</summary>
/// <param name="Count">The largest number of retries, from 1.</param>
internal sealed record RetryOptions(int Count)
{
    /// <summary>The delay before the first retry, from which the others are computed; up to a day. Default: 1 s.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the delay grows. Default: exponentially.</summary>
    public RetryBackoff Backoff { get; init; } = RetryBackoff.Exponential;

    /// <summary>The longest delay, which also caps a server's Retry-After; up to a day. Default: 5 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether delays are varied at random, so that callers that failed together do not retry together. Constant and linear delays vary by
    /// a quarter either way, exponential ones from zero to one and a half times the delay. Default: yes.
    /// </summary>
    public bool Jitter { get; init; } = true;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The source of the jitter: numbers from 0 to below 1. Default: a shared one that is safe for any thread.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
