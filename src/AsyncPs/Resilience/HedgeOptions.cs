namespace AsyncPs.Resilience;

/// <summary>When a second attempt is started beside the first.</summary>
/// <param name="Delay">How long the first attempt runs alone; up to a day.</param>
internal sealed record HedgeOptions(TimeSpan Delay)
{
    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
