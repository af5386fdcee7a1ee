namespace AsyncPs.Resilience;

/// <summary>Creates policies for retries, hedging and circuit breakers.</summary>
internal interface IPolicies
{
    /// <summary>Creates a retry policy.</summary>
    IRetryPolicy CreateRetry(RetryOptions options);

    /// <summary>Creates a policy for second attempts.</summary>
    IHedgePolicy CreateHedge(HedgeOptions options);

    /// <summary>Creates a closed circuit.</summary>
    /// <param name="options">When it opens.</param>
    /// <param name="onOpening">Called each time it is about to open.</param>
    ICircuit CreateCircuit(CircuitOptions options, Action onOpening);
}
