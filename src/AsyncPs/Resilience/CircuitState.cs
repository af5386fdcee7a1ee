namespace AsyncPs.Resilience;

/// <summary>Whether a circuit breaker lets calls through.</summary>
public enum CircuitState
{
    /// <summary>All calls run.</summary>
    Closed,

    /// <summary>Too many calls have failed: calls fail at once until the break is over.</summary>
    Open,

    /// <summary>The break is over: one call runs as a probe, the others still fail at once.</summary>
    HalfOpen,

    /// <summary>It was opened by hand: calls fail at once until it is closed by hand.</summary>
    Isolated,
}
