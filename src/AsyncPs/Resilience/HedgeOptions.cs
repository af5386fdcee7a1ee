namespace AsyncPs.Resilience;

/// <summary>When an attempt gets a second one beside it.</summary>
/// <param name="Delay">How long it is alone; up to a day.</param>
internal sealed record HedgeOptions(TimeSpan Delay)
{
    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
