using AsyncPs.Blocks;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Hedging;
using AsyncPs.Streams;
using AsyncPs.Workers;

namespace AsyncPs.Commands.Base;

/// <summary>The base of cmdlets whose items are script blocks or requests.</summary>
public abstract partial class BlockCommand : HttpCommand
{
    private PipelineVariables? _pipelineVariables;

    /// <summary>The name of the parameter set of blocks.</summary>
    private protected const string BlockSet = "Block";

    /// <summary>The blocks. With pipeline input one block, run for every object as `$_`; without, each runs once.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = BlockSet)]
    [ValidateNotNullOrEmpty]
    public ScriptBlock[] ScriptBlock { get; set; } = [];

    /// <summary>
    /// The input as streams: queues, streams of New-AsyncStream, web sockets, IAsyncEnumerable; several are merged. Default: none.
    /// </summary>
    [Parameter]
    [Alias("InputQueue")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StreamCompleter))]
    public virtual object[]? InputStream { get; set; }

    /// <summary>The values of `$args` or `param()` in the block.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    [Alias("Args")]
    public virtual object?[]? ArgumentList { get; set; }

    /// <summary>Runs each item in a new runspace, disposed when the item has ended, instead of in warm ones.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public virtual SwitchParameter UseNewRunspace { get; set; }

    /// <summary>Writes tasks and asynchronous streams as they are instead of awaiting them.</summary>
    [Parameter(ParameterSetName = BlockSet)]
    public virtual SwitchParameter NoAwait { get; set; }

    /// <inheritdoc/>
    private protected override int DefaultLimit
        => SendsRequests ? DefaultRequests : IsRemote ? RemoteWorkers : Math.Max(5, System.Environment.ProcessorCount);

    /// <summary>Whether requests are sent and no blocks run.</summary>
    private protected bool SendsRequests => ParameterSetName == UriSet;

    /// <summary>Whether items will come from the pipeline or from streams.</summary>
    /// <exception cref="ConcurrentArgumentException">They would come from both, or there is a block together with -Uri.</exception>
    private protected bool ExpectsItems()
    {
        RefuseBlockWithUri();
        return HasInput && InputStream is not null
            ? throw StreamErrors.InputStreamWithInput(InputStream)
            : HasInput || InputStream is not null;
    }

    /// <summary>With -Hedge, makes the items run as hedged attempts.</summary>
    /// <param name="options">The options of the call.</param>
    /// <param name="runner">Creates the runner of the items, or of the attempts: up to twice as many.</param>
    /// <param name="limit">How many items run at the same time.</param>
    private protected (CallOptions Options, Func<ConcurrentCall, IWorkRunner> Runner) WithHedges(
        CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, int limit)
    {
        if (CreateHedgePolicy() is not { } policy)
        {
            return (options, runner);
        }

        var attempts = new HedgedCall(policy, options, runner);
        return (WithoutWorkers(options), call => new AsyncLoops(call, new HedgedJob(attempts, call), limit));
    }

    /// <summary>The pipeline variables for the current input object; see <see cref="PipelineVariables"/>.</summary>
    private protected object? PipelineValues => _pipelineVariables?.Read();

    /// <summary>How many attempts run at the same time for a number of items.</summary>
    private protected int AttemptsOf(int limit) => Hedge is null || limit > int.MaxValue / 2 ? limit : limit * 2;

    /// <summary>Creates what runs the blocks, and reads everything they need from the caller's session.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="scripts">The other blocks of the call.</param>
    /// <param name="limit">The largest number of workers.</param>
    /// <param name="hasInput">Whether input objects will come.</param>
    /// <exception cref="ConcurrentArgumentException">A parameter is wrong.</exception>
    private protected Func<ConcurrentCall, IWorkRunner> PrepareBlocks(ScriptBlock[] blocks, WorkerScripts scripts, int limit, bool hasInput)
    {
        if (blocks.Length > 1 && hasInput)
        {
            throw new ConcurrentArgumentException(ParameterErrors.SeveralBlocksWithInput(blocks));
        }

        if (IsRemote)
        {
            return PrepareProcesses(blocks, scripts, limit);
        }

        RequireProcesses();

        // A session of the pool opens while the caller's is read. An unused one waits for the next call.
        if (!UseNewRunspace && WorkerSession.ModeFor(SessionState.LanguageMode) == PSLanguageMode.FullLanguage)
        {
            WorkerPool.Shared.Prepare();
        }

        var job = new ScriptJob(blocks, ArgumentList, CaptureOptions, scripts, this);
        _pipelineVariables = job.PipelineVariables;
        _job = job;
        return call => job.CreateTeam(call, limit, UseNewRunspace);
    }

    /// <summary>Inspects an input object for the blocks.</summary>
    private protected void Inspect(object? input)
    {
        if (_job?.Inspect(input) is { } warning)
        {
            WriteWarning(warning);
        }
    }

    /// <summary>Inspects an input object on another thread, and returns a warning or null; null inspects none.</summary>
    private protected Func<object?, string?>? Inspection => _job is null ? null : _job.Inspect;

    private ScriptJob? _job;
}
