namespace AsyncPs.Resilience;

/// <summary>The one attempt that a half-open circuit breaker lets through, made elsewhere than in its hands.</summary>
internal sealed class CircuitProbe
{
    // The breaker goes on at once: whoever sees what became of the attempt is to see the breaker's new state, too.
    private readonly TaskCompletionSource<AttemptOutcome> _end = new();

    /// <summary>Whether the breaker has let it through.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>What the breaker takes for the attempt.</summary>
    public ValueTask<AttemptOutcome> Begin(CancellationToken cancellationToken)
    {
        HasBegun = true;
        return new ValueTask<AttemptOutcome>(_end.Task);
    }

    /// <summary>The attempt has ended, or was broken off, which says nothing.</summary>
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
