using AsyncPs.Isolation;
using AsyncPs.Resilience;
using AsyncPs.Throttling;

namespace AsyncPs.Dependencies;

/// <summary>Everything the packages do for the module.</summary>
internal sealed class Implementation : IDependencies
{
    /// <inheritdoc/>
    public IRetryPolicy CreateRetryPolicy(RetryOptions options) => new RetryPolicy(options);

    /// <inheritdoc/>
    public ICircuit CreateCircuit(CircuitOptions options, Action onOpened) => new Circuit(options, onOpened);

    /// <inheritdoc/>
    public ISlots CreateSlots(int limit) => new Slots(limit);
}
