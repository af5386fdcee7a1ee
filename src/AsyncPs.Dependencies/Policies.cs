using AsyncPs.Resilience;

namespace AsyncPs.Dependencies;

/// <summary>Policies on Polly.</summary>
internal sealed class Policies : IPolicies
{
    /// <inheritdoc/>
    public IRetryPolicy CreateRetry(RetryOptions options) => new RetryPolicy(options);

    /// <inheritdoc/>
    public IHedgePolicy CreateHedge(HedgeOptions options) => new HedgePolicy(options);

    /// <inheritdoc/>
    public ICircuit CreateCircuit(CircuitOptions options, Action onOpening) => new Circuit(options, onOpening);
}
