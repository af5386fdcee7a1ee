namespace AsyncPs.Resilience;

/// <summary>Whether a circuit breaker lets calls through.</summary>
public enum CircuitState
{
    /// <summary>All calls run.</summary>
    Closed,

    /// <summary>Too many have failed: calls fail at once until the break is over.</summary>
    Open,

    /// <summary>The break is over: one call runs to see how it goes, the others still fail at once.</summary>
    HalfOpen,

    /// <summary>Somebody has opened it by hand: calls fail at once until he closes it.</summary>
    Isolated,
}
