using AsyncPs.Commands.Parameters;
using AsyncPs.Isolation;
using AsyncPs.Resilience;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that retry: how often and when, which errors, and how long one attempt may run before it is hedged.
/// </summary>
public abstract class RetryCommand : WorkCommand
{
    private int? _count;

    /// <summary>The largest number of retries. Default: <see cref="DefaultRetryCount"/>.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public virtual int RetryCount { get => _count ?? DefaultRetryCount; set => _count = value; }

    /// <summary>
    /// The delay before the first retry, from which the others are computed, up to a day. A number means seconds. Default: 1 s.
    /// </summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How the delay grows from retry to retry. Default: exponentially.</summary>
    [Parameter]
    public virtual RetryBackoff RetryBackoff { get; set; } = RetryBackoff.Exponential;

    /// <summary>The longest delay, up to a day. A number means seconds. Default: 5 minutes.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Turns off the random variation of the delays.</summary>
    [Parameter]
    public SwitchParameter NoJitter { get; set; }

    /// <summary>
    /// What is retried: exception types, their names, or a block that gets the error as `$_`. Default: any error, or the errors that are
    /// marked as transient.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ErrorTypeCompleter))]
    public object[]? RetryOn { get; set; }

    /// <summary>
    /// Runs before each delay, with the attempt, its error and the delay as `$_`. Its output is dropped.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnRetry { get; set; }

    /// <summary>A circuit breaker that each attempt goes through, from `New-CircuitBreaker`. Default: none.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VariableCompleter<CircuitBreaker>))]
    [ValidateNotNull]
    public CircuitBreaker? CircuitBreaker { get; set; }

    /// <summary>
    /// How long an attempt may take before a second one starts. The first to succeed counts; the other is canceled. A number means seconds.
    /// Default: no second attempt.
    /// </summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan? Hedge { get; set; }

    /// <summary>The default of -RetryCount.</summary>
    private protected virtual int DefaultRetryCount => 0;

    /// <summary>Whether a parameter was given.</summary>
    private protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Ends the command if a parameter was given without another one that it needs.</summary>
    private protected void RequireWith(string needed, params ReadOnlySpan<string> parameters)
    {
        foreach (string parameter in parameters)
        {
            if (IsBound(parameter) && !IsBound(needed))
            {
                throw new ConcurrentArgumentException(ParameterErrors.NeedsParameter(parameter, needed));
            }
        }
    }

    /// <summary>The filter of -RetryOn.</summary>
    /// <exception cref="ConcurrentArgumentException">-RetryOn is wrong.</exception>
    private protected RetryFilter CreateRetryFilter() => RetryFilter.Parse(RetryOn, nameof(RetryOn));

    /// <summary>The retry policy, or null without retries.</summary>
    private protected IRetryPolicy? CreateRetryPolicy()
        => RetryCount == 0 ? null : DependencyLoader.Get<IPolicies>().CreateRetry(new RetryOptions(RetryCount)
        {
            Delay = RetryDelay,
            Backoff = RetryBackoff,
            MaxDelay = MaxDelay,
            Jitter = !NoJitter,
        });

    /// <summary>The policy for second attempts, or null without them.</summary>
    private protected IHedgePolicy? CreateHedgePolicy()
        => Hedge is { } delay ? DependencyLoader.Get<IPolicies>().CreateHedge(new HedgeOptions(delay)) : null;
}
