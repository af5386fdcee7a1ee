using AsyncPs.Isolation;

namespace AsyncPs.Resilience;

/// <summary>
/// Stops calling what fails too often, so that it can recover and callers do not wait for it in vain. Shared like a throttle: all
/// members are safe for any thread and any runspace.
/// </summary>
public sealed class CircuitBreaker
{
    private readonly CircuitOptions _options;
    private readonly ICircuit _circuit;
    private long _openedAt;

    /// <summary>Makes a closed one.</summary>
    internal CircuitBreaker(CircuitOptions options)
    {
        _options = options;
        _circuit = DependencyLoader
            .Get<IPolicies>()
            .CreateCircuit(options, () => Volatile.Write(ref _openedAt, options.TimeProvider.GetTimestamp()));
    }

    /// <summary>Whether it lets calls through.</summary>
    public CircuitState State
        => _circuit.State is var state && state == CircuitState.Open && RetryAfter == TimeSpan.Zero ? CircuitState.HalfOpen : state;

    /// <summary>How long it is until a call is let through to see how it goes; null when it is not open.</summary>
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

    /// <summary>The last failure that counted; null if there was none since it was made or closed by hand.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>Which part of the calls must fail for it to open.</summary>
    public double FailureRatio => _options.FailureRatio;

    /// <summary>How many calls there must be for it to open.</summary>
    public int MinimumThroughput => _options.MinimumThroughput;

    /// <summary>Over which time calls are counted.</summary>
    public TimeSpan SamplingTime => _options.SamplingTime;

    /// <summary>How long it stays open before a call is let through.</summary>
    public TimeSpan BreakTime => _options.BreakTime;

    /// <summary>Opens it until <see cref="Close"/> is called.</summary>
    public void Isolate() => _circuit.Isolate();

    /// <summary>Closes it, and forgets what has failed.</summary>
    public void Close()
    {
        _circuit.Close();
        LastError = null;
    }

    /// <summary>Makes an attempt on this thread, unless it is open.</summary>
    /// <returns>How the attempt ended, or that the circuit is open; that is no failure that counts.</returns>
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
    /// <returns>How the attempt ended, or that the circuit is open; that is no failure that counts.</returns>
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
    /// Why no attempt may be made now, or null if <see cref="Enter"/> has to be asked: for those who would have to wait before they can.
    /// </summary>
    internal ErrorRecord? Refusal => State switch
    {
        CircuitState.Open => Refused(ResilienceErrors.CircuitOpen(RetryAfter)).Error,
        CircuitState.Isolated => Refused(ResilienceErrors.CircuitOpen(retryAfter: null)).Error,
        _ => null,
    };

    /// <summary>
    /// Asks whether an attempt may be made that is not made in the breaker's hands: what has begun is to be told to <see cref="Leave"/>.
    /// </summary>
    /// <param name="probe">The attempt if it is the one that shows how it goes; null for one of many.</param>
    /// <returns>Null, or why it may not be made.</returns>
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

            // It ends when the probe does, be it that this was broken off.
            answer.Forget();
            return null;
        }

        // A refusal waits for nothing.
        return answer.GetAwaiter().GetResult().Error;
    }

    /// <summary>Tells how an attempt has ended.</summary>
    /// <param name="probe">What <see cref="Enter"/> has said of it.</param>
    /// <param name="outcome">How it ended, or null if it was broken off.</param>
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
