using AsyncPs.Isolation;

namespace AsyncPs.Resilience;

/// <summary>
/// Rejects calls after too many failures, so that the other side can recover and callers do not wait in vain. It is shared like a
/// throttle: all members are safe for any thread and any runspace.
/// </summary>
public sealed class CircuitBreaker
{
    private readonly CircuitOptions _options;
    private readonly ICircuit _circuit;
    private long _openedAt;

    /// <summary>Creates a closed circuit breaker.</summary>
    internal CircuitBreaker(CircuitOptions options)
    {
        _options = options;
        _circuit = DependencyLoader
            .Get<IPolicies>()
            .CreateCircuit(options, () => Volatile.Write(ref _openedAt, options.TimeProvider.GetTimestamp()));
    }

    /// <summary>Its state.</summary>
    public CircuitState State
        => _circuit.State is var state && state == CircuitState.Open && RetryAfter == TimeSpan.Zero ? CircuitState.HalfOpen : state;

    /// <summary>How long until a probe call is let through; null when it is not open.</summary>
    public TimeSpan? RetryAfter
    {
        get
        {
            if (_circuit.State != CircuitState.Open)
            {
                return null;
            }

            TimeSpan left = _options.BreakTime - _options.TimeProvider.GetElapsedTime(Volatile.Read(ref _openedAt));
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The last failure that counted; null if there was none since it was created or closed by hand.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The share of calls that must fail for it to open.</summary>
    public double FailureRatio => _options.FailureRatio;

    /// <summary>The number of calls that it needs to open.</summary>
    public int MinimumThroughput => _options.MinimumThroughput;

    /// <summary>The time over which calls are counted.</summary>
    public TimeSpan SamplingTime => _options.SamplingTime;

    /// <summary>How long it stays open before a call is let through.</summary>
    public TimeSpan BreakTime => _options.BreakTime;

    /// <summary>Opens it until <see cref="Close"/> is called.</summary>
    public void Isolate() => _circuit.Isolate();

    /// <summary>Closes it and clears the counted failures.</summary>
    public void Close()
    {
        _circuit.Close();
        LastError = null;
    }

    /// <summary>Makes an attempt on this thread, unless it is open.</summary>
    /// <returns>The outcome, or a failure that does not count if it is open.</returns>
    internal AttemptOutcome Run(Func<AttemptOutcome> attempt)
    {
        try
        {
            return Noted(_circuit.Run(attempt));
        }
        catch (CircuitOpenException e)
        {
            return Refused(e);
        }
    }

    /// <summary>Makes an attempt, unless it is open.</summary>
    /// <returns>The outcome, or a failure that does not count if it is open.</returns>
    internal async ValueTask<AttemptOutcome> RunAsync(
        Func<CancellationToken, ValueTask<AttemptOutcome>> attempt,
        CancellationToken cancellationToken)
    {
        try
        {
            return Noted(await _circuit.RunAsync(attempt, cancellationToken).ConfigureAwait(false));
        }
        catch (CircuitOpenException e)
        {
            return Refused(e);
        }
    }

    /// <summary>
    /// Why no attempt may be made now, or null if <see cref="Enter"/> decides: for callers that would have to wait before they can ask.
    /// </summary>
    internal ErrorRecord? Refusal => State switch
    {
        CircuitState.Open => Refused(ResilienceErrors.CircuitOpen(RetryAfter)).Error,
        CircuitState.Isolated => Refused(ResilienceErrors.CircuitOpen(retryAfter: null)).Error,
        _ => null,
    };

    /// <summary>
    /// Asks whether an attempt may be made outside the breaker. The end of the attempt must be reported to <see cref="Leave"/>.
    /// </summary>
    /// <param name="probe">The attempt if it is the probe; otherwise null.</param>
    /// <returns>Null, or the reason why it may not be made.</returns>
    internal ErrorRecord? Enter(out CircuitProbe? probe)
    {
        probe = null;
        if (_circuit.State == CircuitState.Closed)
        {
            return null;
        }

        var asked = new CircuitProbe();
        Task<AttemptOutcome> answer = RunAsync(asked.Begin, CancellationToken.None).AsTask();
        if (asked.HasBegun)
        {
            probe = asked;

            // Completes with the probe, or when the probe is abandoned.
            answer.Forget();
            return null;
        }

        // A rejection completes at once.
        return answer.GetAwaiter().GetResult().Error;
    }

    /// <summary>Reports how an attempt has ended.</summary>
    /// <param name="probe">The probe that <see cref="Enter"/> returned.</param>
    /// <param name="outcome">The outcome, or null for an aborted attempt.</param>
    internal void Leave(CircuitProbe? probe, AttemptOutcome? outcome)
    {
        if (probe is not null)
        {
            probe.End(outcome);
        }
        else if (outcome is not null)
        {
            _circuit.Count(Noted(outcome));
        }
    }

    private AttemptOutcome Noted(AttemptOutcome outcome)
    {
        if (outcome.MayRetry)
        {
            LastError = outcome.Error;
        }

        return outcome;
    }

    private AttemptOutcome Refused(CircuitOpenException e)
        => AttemptOutcome.Failure(ResilienceErrors.CircuitOpen(e, this), mayRetry: false, e.RetryAfter);
}
