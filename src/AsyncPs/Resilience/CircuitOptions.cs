namespace AsyncPs.Resilience;

/// <summary>When a circuit breaker opens, and for how long.</summary>
internal sealed record CircuitOptions
{
    /// <summary>The share of calls that must have failed, above 0 and up to 1. Default: half.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>The number of calls that it needs to open, from 2. Default: 10.</summary>
    public int MinimumThroughput { get; init; } = 10;

    /// <summary>The time over which calls are counted, from half a second to a day. Default: 30 s.</summary>
    public TimeSpan SamplingTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before a call is let through, from half a second to a day. Default: 30 s.</summary>
    public TimeSpan BreakTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
