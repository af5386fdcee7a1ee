namespace AsyncPs.Resilience;

/// <summary>When and how often something that has failed is tried again.</summary>
/// <param name="Count">How many times it is tried again at the most, from 1.</param>
internal sealed record RetryOptions(int Count)
{
    /// <summary>The delay before the first retry, from which the others follow; up to a day. Default: 1 s.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the delay grows. Default: exponentially.</summary>
    public RetryBackoff Backoff { get; init; } = RetryBackoff.Exponential;

    /// <summary>The longest delay, whoever asks for it; up to a day. Default: 5 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether delays are varied at random, so that those who failed together do not come back together: constant and linear
    /// ones by a quarter either way, exponential ones to anything between nothing and one and a half times the delay. Default: yes.
    /// </summary>
    public bool Jitter { get; init; } = true;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The source of the jitter: numbers from 0 to below 1. Default: a shared one that any thread may use.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
