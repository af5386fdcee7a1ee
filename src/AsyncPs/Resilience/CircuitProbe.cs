namespace AsyncPs.Resilience;

/// <summary>The one attempt that a half-open circuit breaker lets through, if it is made outside the breaker.</summary>
internal sealed class CircuitProbe
{
    // Continuations run synchronously: code that sees the end of the attempt must also see the breaker's new state.
    private readonly TaskCompletionSource<AttemptOutcome> _end = new();

    /// <summary>Whether the breaker has let it through.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The call that stands for the attempt in the breaker.</summary>
    public ValueTask<AttemptOutcome> Begin(CancellationToken cancellationToken)
    {
        HasBegun = true;
        return new ValueTask<AttemptOutcome>(_end.Task);
    }

    /// <summary>Ends the attempt; null means that it was aborted, which says nothing about the service.</summary>
    public void End(AttemptOutcome? outcome)
    {
        if (outcome is null)
        {
            _end.TrySetCanceled();
        }
        else
        {
            _end.TrySetResult(outcome);
        }
    }
}
