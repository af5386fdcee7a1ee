using AsyncPs.Resilience;
using Polly;
using Polly.CircuitBreaker;
using CircuitState = AsyncPs.Resilience.CircuitState;

namespace AsyncPs.Dependencies;

/// <summary>A circuit breaker on Polly.</summary>
internal sealed class Circuit : ICircuit
{
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<AttemptOutcome> _pipeline;

    /// <summary>Creates a closed circuit.</summary>
    /// <param name="options">When it opens.</param>
    /// <param name="onOpening">Called each time it is about to open.</param>
    public Circuit(CircuitOptions options, Action onOpening)
    {
        var breaker = new CircuitBreakerStrategyOptions<AttemptOutcome>
        {
            FailureRatio = options.FailureRatio,
            MinimumThroughput = options.MinimumThroughput,
            SamplingDuration = options.SamplingTime,
            BreakDuration = options.BreakTime,
            StateProvider = _state,
            ManualControl = _control,
            ShouldHandle = arguments => ValueTask.FromResult(IsFailure(arguments.Outcome)),
            // Not the event, which is raised when the new state is already visible.
            BreakDurationGenerator = _ =>
            {
                onOpening();
                return ValueTask.FromResult(options.BreakTime);
            },
        };
        var builder = new ResiliencePipelineBuilder<AttemptOutcome> { TimeProvider = options.TimeProvider };
        _pipeline = builder.AddCircuitBreaker(breaker).Build();
    }

    /// <inheritdoc/>
    public CircuitState State => _state.CircuitState switch
    {
        Polly.CircuitBreaker.CircuitState.Open => CircuitState.Open,
        Polly.CircuitBreaker.CircuitState.HalfOpen => CircuitState.HalfOpen,
        Polly.CircuitBreaker.CircuitState.Isolated => CircuitState.Isolated,
        _ => CircuitState.Closed,
    };

    /// <inheritdoc/>
    public AttemptOutcome Run(Func<AttemptOutcome> call)
    {
        try
        {
            return _pipeline.Execute(static made => made(), call);
        }
        catch (BrokenCircuitException e)
        {
            throw ResilienceErrors.CircuitOpen(e.RetryAfter);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AttemptOutcome> RunAsync(
        Func<CancellationToken, ValueTask<AttemptOutcome>> call,
        CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (made, token) => made(token), call, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            throw ResilienceErrors.CircuitOpen(e.RetryAfter);
        }
    }

    /// <inheritdoc/>
    public void Count(AttemptOutcome outcome)
    {
        if (State != CircuitState.Closed)
        {
            return;
        }

        try
        {
            _pipeline.Execute(static ended => ended, outcome);
        }
        catch (BrokenCircuitException)
        {
            // The circuit has just opened.
        }
    }

    // Both wait only for a lock.

    /// <inheritdoc/>
    public void Isolate() => _control.IsolateAsync().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Close() => _control.CloseAsync().GetAwaiter().GetResult();

    // An aborted call says nothing about the service. But if it was the probe, the state of the service is still unknown.
    private bool IsFailure(in Outcome<AttemptOutcome> outcome) => outcome.Result is { } result
        ? result is { Succeeded: false, MayRetry: true }
        : _state.CircuitState == Polly.CircuitBreaker.CircuitState.HalfOpen;
}
