using AsyncPs.Commands.Parameters;
using AsyncPs.Isolation;
using AsyncPs.Resilience;

namespace AsyncPs.Commands.Base;

/// <summary>
/// The base of cmdlets that try again what has failed: how often and when, what is worth it, and how long an attempt may be alone.
/// </summary>
public abstract class RetryCommand : WorkCommand
{
    private int? _count;

    /// <summary>How many times what has failed is tried again, at the most. Default: <see cref="DefaultRetryCount"/>.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public virtual int RetryCount { get => _count ?? DefaultRetryCount; set => _count = value; }

    /// <summary>
    /// The delay before the first retry, from which the others follow, up to a day. A number means seconds. Default: 1 s.
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

    /// <summary>Leaves the delays as they are, instead of varying them at random.</summary>
    [Parameter]
    public SwitchParameter NoJitter { get; set; }

    /// <summary>
    /// What is tried again: exception types, their names, or a block that is given the error as `$_`. Default: any error, or those that say
    /// of themselves that another attempt may help.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ErrorTypeCompleter))]
    public object[]? RetryOn { get; set; }

    /// <summary>
    /// Runs before each delay, with the attempt, its error and the delay as `$_`. What it writes to the output is dropped.
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
    /// How long an attempt may take before a second one is started beside it: the first that succeeds counts, the other is canceled. A
    /// number means seconds. Default: none is.
    /// </summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan? Hedge { get; set; }

    /// <summary>How many times something is tried again if nobody says.</summary>
    private protected virtual int DefaultRetryCount => 0;

    /// <summary>Whether a parameter was given.</summary>
    private protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Ends the command if one of some parameters was given without another that it needs.</summary>
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

    /// <summary>What is tried again.</summary>
    /// <exception cref="ConcurrentArgumentException">-RetryOn is wrong.</exception>
    private protected RetryFilter CreateRetryFilter() => RetryFilter.Parse(RetryOn, nameof(RetryOn));

    /// <summary>Tries again, or null if nothing is to be.</summary>
    private protected IRetryPolicy? CreateRetryPolicy()
        => RetryCount == 0 ? null : DependencyLoader.Get<IPolicies>().CreateRetry(new RetryOptions(RetryCount)
        {
            Delay = RetryDelay,
            Backoff = RetryBackoff,
            MaxDelay = MaxDelay,
            Jitter = !NoJitter,
        });

    /// <summary>Starts second attempts, or null if none are to be.</summary>
    private protected IHedgePolicy? CreateHedgePolicy()
        => Hedge is { } delay ? DependencyLoader.Get<IPolicies>().CreateHedge(new HedgeOptions(delay)) : null;
}
