namespace AsyncPs.Resilience;

/// <summary>Makes what tries again, tries twice, and stops trying.</summary>
internal interface IPolicies
{
    /// <summary>Makes a retry policy.</summary>
    IRetryPolicy CreateRetry(RetryOptions options);

    /// <summary>Makes a policy of second attempts.</summary>
    IHedgePolicy CreateHedge(HedgeOptions options);

    /// <summary>Makes a circuit breaker, closed.</summary>
    /// <param name="options">When it opens.</param>
    /// <param name="onOpening">Called each time it is about to open.</param>
    ICircuit CreateCircuit(CircuitOptions options, Action onOpening);
}
