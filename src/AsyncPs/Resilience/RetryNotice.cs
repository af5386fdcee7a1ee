namespace AsyncPs.Resilience;

/// <summary>Says that something has failed and will be tried again.</summary>
/// <param name="Attempt">The number of the attempt that failed, from 1.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Delay">How long it is until the next attempt.</param>
public sealed record RetryNotice(int Attempt, ErrorRecord Error, TimeSpan Delay);
