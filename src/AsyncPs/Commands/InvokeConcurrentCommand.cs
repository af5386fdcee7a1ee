using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Scripts;
using AsyncPs.Concurrency.Workers;
using AsyncPs.Http;
using AsyncPs.Isolation;
using AsyncPs.Resilience;
using AsyncPs.Throttling;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a script block once for every input object, or several blocks once each, concurrently on long-lived workers, and
/// writes the results as they complete (asyncio's <c>gather</c> and <c>as_completed</c>); or sends requests, thousands at once,
/// on no worker at all (aiohttp's <c>ClientSession</c>).
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "Concurrent", DefaultParameterSetName = UriSet)]
[OutputType(typeof(object))]
public sealed class InvokeConcurrentCommand : HttpCommand
{
    private const string BlockSet = "Block";

    /// <summary>The blocks. With pipeline input one block, run for every object as `$_`; without, each runs once.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public ScriptBlock[] ScriptBlock { get; set; } = [];

    /// <summary>The input objects.</summary>
    [Parameter(ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    public object? InputObject { get; set; }

    /// <summary>How many items run at once. Default: the number of processors, but at least 5; of requests 64.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get => _limit ?? (SendsRequests ? DefaultRequests : Math.Max(5, Environment.ProcessorCount)); set => _limit = value; }

    /// <summary>A limiter to share with other calls, from `New-Throttle`: an item runs when it has a permit. Default: none.</summary>
    [Parameter]
    [ValidateNotNull]
    public Throttle? Throttle { get; set; }

    /// <summary>Writes the results in input order rather than as they complete.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>What the block gets as `$args` or for its `param()`.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Alias("Args")]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Runs on new runspaces, disposed when the command returns, instead of warm ones.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter UseNewRunspace { get; set; }

    /// <summary>Writes one <see cref="ConcurrentResult"/> an item, whatever became of it, and nothing to the error stream.</summary>
    [Parameter]
    public SwitchParameter AsResult { get; set; }

    /// <summary>Stops everything at the first failure and ends with one error that carries all failures (asyncio's <c>TaskGroup</c>).</summary>
    [Parameter]
    public SwitchParameter FailFast { get; set; }

    /// <summary>How long the whole call may take. A number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Timeout { get; set; }

    /// <summary>How long an item may take from its start. A number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? ItemTimeout { get; set; }

    /// <summary>Writes tasks and asynchronous streams as they are instead of awaiting them.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public SwitchParameter NoAwait { get; set; }

    /// <summary>Runs once in every worker before its first item; the items see what it sets.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Runs once in every worker after its last item, unless the call is stopped.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public ScriptBlock? FinalizationScript { get; set; }

    /// <summary>How many input objects a block gets at once, as an array in `$_`. Default: one, as it is.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; }

    /// <summary>How long the first object of a batch waits for others. Default: until the batch is full or the input ends.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? BatchDelay { get; set; }

    /// <summary>Shows how many items are done, running and failed, and the time left once it is known.</summary>
    [Parameter]
    public SwitchParameter Progress { get; set; }

    /// <summary>How many times an item that has failed is tried again, at the most. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int RetryCount { get; set; }

    /// <summary>How long it waits before the first retry. A number means seconds. Default: 1 s.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How the delay grows from retry to retry; always with some jitter. Default: exponentially.</summary>
    [Parameter]
    public RetryBackoff RetryBackoff { get; set; } = RetryBackoff.Exponential;

    /// <summary>What is tried again: exception types, their names, or a block that is given the error as `$_`. Default: any error.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? RetryOn { get; set; }

    private int? _limit;
    private bool _hasInput;
    private BatchCollector? _batches;
    private ProgressReporter? _progress;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (BatchSize > 0)
        {
            _batches = new BatchCollector(Call, BatchSize, Finite(BatchDelay));
        }

        if (Progress)
        {
            _progress = new ProgressReporter(this, Call);
        }
    }

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        _hasInput = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
        RequireWith(nameof(BatchSize), nameof(BatchDelay));
        RequireWith(nameof(RetryCount), nameof(RetryDelay), nameof(RetryBackoff), nameof(RetryOn));
        RetryFilter retryFilter = RetryFilter.Parse(RetryOn, nameof(RetryOn));
        return SendsRequests ? OpenRequestCall(retryFilter, write) : OpenBlockCall(retryFilter, write);
    }

    private ConcurrentCall OpenRequestCall(RetryFilter retryFilter, Action<StreamRecord> write)
    {
        HttpJob requests = OpenRequests(_hasInput);
        return new ConcurrentCall(
            CreateOptions(retryFilter) with { ResumesAttempts = true },
            call => new AsyncLoops(call, requests, Limit),
            write);
    }

    private ConcurrentCall OpenBlockCall(RetryFilter retryFilter, Action<StreamRecord> write)
    {
        if (ScriptBlock.Length > 1 && _hasInput)
        {
            ThrowTerminatingError(Errors.SeveralBlocksWithInput(ScriptBlock));
        }

        // The pool holds sessions of the full language only: a constrained caller gets its own.
        bool pooled = !UseNewRunspace && SessionState.LanguageMode == PSLanguageMode.FullLanguage;
        if (pooled)
        {
            WorkerPool.Shared.Prepare();
        }

        var job = new ScriptJob(ScriptBlock, ArgumentList, CaptureOptions, new WorkerScripts(InitializationScript, FinalizationScript, retryFilter.Block), this);
        return new ConcurrentCall(
            CreateOptions(retryFilter) with { HasContext = Array.Exists(ScriptBlock, ContextVariable.IsNamedIn) },
            call => new WorkerTeam(call, job, WorkerPool.Shared, Limit, SessionState.LanguageMode, pooled),
            write);
    }

    private CallOptions CreateOptions(RetryFilter retryFilter) => new(CallLimits.For(Limit))
    {
        Throttle = Throttle,
        Ordered = Ordered,
        AsResult = AsResult,
        FailFast = FailFast,
        Awaits = !NoAwait,
        Timeout = Finite(Timeout),
        ItemTimeout = Finite(ItemTimeout),
        RetryFilter = retryFilter,
        Retry = RetryCount == 0 ? null : Dependencies.Current.CreateRetryPolicy(new RetryOptions(RetryCount) { Delay = RetryDelay, Backoff = RetryBackoff }),
        IsVerbose = IsVerbose,
    };

    private static TimeSpan? Finite(TimeSpan? time) => time == System.Threading.Timeout.InfiniteTimeSpan ? null : time;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_hasInput && SendsRequests)
        {
            AddRequests(InputObject);
        }
        else if (_hasInput)
        {
            Add(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!_hasInput && SendsRequests)
        {
            AddRequests(null);
        }
        else if (!_hasInput)
        {
            foreach (ScriptBlock _ in ScriptBlock)
            {
                Call.Add(null);
            }
        }

        _batches?.Complete();
        if (_progress is not null)
        {
            _progress.TotalIsKnown = true;
        }

        base.EndProcessing();
        _progress?.Complete();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _batches?.Dispose();
        base.Dispose(disposing);
    }

    // A limiter that allows more than the default says how many at once; who sets both means both.
    private int Limit => MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit))
        ? ThrottleLimit
        : Math.Max(ThrottleLimit, Throttle?.Limit ?? 0);

    private bool SendsRequests => ParameterSetName == UriSet;

    private bool IsVerbose => MyInvocation.BoundParameters.TryGetValue("Verbose", out object? bound)
        ? (SwitchParameter)bound
        : GetVariableValue("VerbosePreference") is ActionPreference and not ActionPreference.SilentlyContinue and not ActionPreference.Ignore;

    private void RequireWith(string needed, params ReadOnlySpan<string> parameters)
    {
        foreach (string parameter in parameters)
        {
            if (MyInvocation.BoundParameters.ContainsKey(parameter) && !MyInvocation.BoundParameters.ContainsKey(needed))
            {
                ThrowTerminatingError(Errors.NeedsParameter(parameter, needed));
            }
        }
    }

    private void Add(object? input)
    {
        if (_batches is null)
        {
            Call.Add(input);
        }
        else
        {
            _batches.Add(input);
        }
    }
}
