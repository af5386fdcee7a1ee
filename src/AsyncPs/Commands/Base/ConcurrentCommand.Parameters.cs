using AsyncPs.Blocks;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Measuring;
using AsyncPs.Throttling;

namespace AsyncPs.Commands.Base;

/// <content>The parameters of every cmdlet that runs items, and the call options that they mean.</content>
public abstract partial class ConcurrentCommand
{
    private int? _limit;

    /// <summary>The input objects.</summary>
    [Parameter(ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    public object? InputObject { get; set; }

    /// <summary>How many items run at the same time. Default: <see cref="DefaultLimit"/>.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get => _limit ?? DefaultLimit; set => _limit = value; }

    /// <summary>A limiter from `New-Throttle` that is shared with other calls: each item needs a permit. Default: none.</summary>
    [Parameter]
    [ThrottleTransformation]
    [ArgumentCompleter(typeof(VariableCompleter<Throttle>))]
    [ValidateNotNull]
    public Throttle? Throttle { get; set; }

    /// <summary>Writes the results in input order rather than in order of completion.</summary>
    [Parameter]
    public virtual SwitchParameter Ordered { get; set; }

    /// <summary>Writes one <see cref="ConcurrentResult"/> per item, however it ended, and nothing to the error stream.</summary>
    [Parameter]
    public virtual SwitchParameter AsResult { get; set; }

    /// <summary>
    /// Stops everything at the first failure and ends with one error that carries all failures (asyncio's <c>TaskGroup</c>).
    /// </summary>
    [Parameter]
    public virtual SwitchParameter FailFast { get; set; }

    /// <summary>How long the whole call may take. A number means seconds. Default: no limit.</summary>
    [Parameter]
    [Alias("TimeoutSeconds")]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan? Timeout { get; set; }

    /// <summary>How long an item may take from its start. A number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public virtual TimeSpan? ItemTimeout { get; set; }

    /// <summary>Shows how many items are done, running and failed, and the time left once it is known.</summary>
    [Parameter]
    public virtual SwitchParameter Progress { get; set; }

    /// <summary>
    /// The name of a variable that gets a <see cref="ConcurrentStatistics"/>: what the call spends its time on. Default: none.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Statistics { get; set; }

    /// <summary>The default of -ThrottleLimit.</summary>
    private protected abstract int DefaultLimit { get; }

    /// <summary>
    /// How many items run at the same time. A throttle with a larger limit raises the default, but not an explicit -ThrottleLimit.
    /// </summary>
    private protected int Limit => IsBound(nameof(ThrottleLimit)) ? ThrottleLimit : Math.Max(ThrottleLimit, Throttle?.Limit ?? 0);

    /// <summary>Whether there are input objects, from the pipeline or the parameter.</summary>
    private protected bool HasInput => MyInvocation.ExpectingInput || IsBound(nameof(InputObject));

    /// <summary>The call options of the parameters.</summary>
    /// <exception cref="ConcurrentArgumentException">A parameter is wrong.</exception>
    private protected CallOptions CreateOptions()
    {
        RequireWith(nameof(RetryCount), nameof(RetryDelay), nameof(RetryBackoff), nameof(MaxDelay), nameof(NoJitter), nameof(OnRetry));
        if (CircuitBreaker is null)
        {
            RequireWith(nameof(RetryCount), nameof(RetryOn));
        }

        return new CallOptions(CallLimits.For(Limit))
        {
            Source = CallSource.Of(this),
            Throttle = Throttle,
            Ordered = Ordered,
            AsResult = AsResult,
            FailFast = FailFast,
            Timeout = Duration.Finite(Timeout),
            ItemTimeout = Duration.Finite(ItemTimeout),
            RetryFilter = CreateRetryFilter(),
            Retry = CreateRetryPolicy(),
            OnRetry = OnRetry is null ? null : CreateItemBlock(OnRetry),
            CircuitBreaker = CircuitBreaker,
            IsVerbose = IsVerbose,
            Statistics = CreateStatistics(),
        };
    }

    /// <summary>The options of items that need no worker: the block of -RetryOn runs elsewhere.</summary>
    private protected CallOptions WithoutWorkers(CallOptions options)
        => options with { RetryBlock = options.RetryFilter.Block is { } block ? CreateItemBlock(block) : null };

    /// <summary>Runs a block about such items: in the caller's session, which waits for them.</summary>
    private protected virtual IItemBlock CreateItemBlock(ScriptBlock block) => new PipelineBlock(block);

    // As with -OutVariable, the variable is set at once. The object keeps counting.
    private ConcurrentStatistics? CreateStatistics()
    {
        if (Statistics is null)
        {
            return null;
        }

        if (!VariableNameCompleter.IsName(Statistics))
        {
            throw new ConcurrentArgumentException(ParameterErrors.NotAVariableName(nameof(Statistics), Statistics));
        }

        var statistics = new ConcurrentStatistics(MyInvocation.MyCommand?.Name ?? "");
        SessionState.PSVariable.Set(Statistics, statistics);
        return statistics;
    }

    private bool IsVerbose => MyInvocation.BoundParameters.TryGetValue("Verbose", out object? bound)
        ? (SwitchParameter)bound
        : GetVariableValue("VerbosePreference") is ActionPreference and not ActionPreference.SilentlyContinue
            and not ActionPreference.Ignore;
}
