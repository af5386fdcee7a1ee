namespace AsyncPs.Resilience;

/// <summary>Describes a failed attempt that will be retried.</summary>
/// <param name="Attempt">The number of the attempt that failed, from 1.</param>
/// <param name="Error">The error of the attempt.</param>
/// <param name="Delay">The delay before the next attempt.</param>
public sealed record RetryNotice(int Attempt, ErrorRecord Error, TimeSpan Delay);
