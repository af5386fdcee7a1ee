using System.Management.Automation.Host;
using AsyncPs.Blocks.Capture;
using AsyncPs.Blocks.State;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Coroutines;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>Runs script blocks on workers: one block for every item, or one block per item if there is no input.</summary>
internal sealed class ScriptJob : IWorkerJob
{
    private readonly ScriptInvoker[] _invokers;
    private readonly CallerLocation _location;
    private readonly CallerSession _session;
    private readonly CallerInvocation _invocation;
    private readonly CallerTrace? _trace = CallerTrace.Read();
    private readonly Closure _closure;
    private readonly WorkerScripts _workerScripts;
    private readonly CallerDebugger? _debugger;
    private readonly PSLanguageMode _languageMode;
    private CoroutinePlan? _plan;
    private readonly PSHost _host;
    private readonly PSHost? _home;
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _inBackground;
    private bool _isApart;

    /// <summary>Reads everything the blocks need from the caller's session.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="arguments">The arguments of each, or null.</param>
    /// <param name="capture">What they capture of the caller's session.</param>
    /// <param name="workerScripts">The other blocks of the call.</param>
    /// <param name="caller">The cmdlet that was given the blocks.</param>
    public ScriptJob(ScriptBlock[] blocks, object?[]? arguments, CaptureOptions capture, WorkerScripts workerScripts, PSCmdlet caller)
    {
        _location = new CallerLocation(caller);
        _session = new CallerSession(caller);
        _invocation = new CallerInvocation(caller);
        _host = caller.Host;
        _home = WorkerHost.OnThisThread is { } worker ? worker.Home : _session.ShowsWarnings ? caller.Host : null;
        _languageMode = WorkerSession.ModeFor(caller.SessionState.LanguageMode);
        _workerScripts = workerScripts;
        ScriptBlock[] all = [.. blocks, .. workerScripts.Blocks];
        Dictionary<string, object?> usingValues = new(StringComparer.Ordinal);
        foreach (ScriptBlock block in all)
        {
            UsingValues.Read(block, caller, usingValues);
        }

        _closure = ClosureReader.Read(all, usingValues, capture, caller);
        PipelineVariables = PipelineVariables.Of(caller, _closure.Scope);
        _debugger = CallerDebugger.Of(_closure.Files, _closure.WaitsForDebugger);
        foreach (string warning in (arguments ?? [])
            .Select(argument => _closure.Inspector?.Inspect("the argument", argument)).OfType<string>())
        {
            caller.WriteWarning(warning);
        }

        _invokers = Array.ConvertAll(blocks, block => new ScriptInvoker(block, arguments, workerScripts));
        _plan = CoroutinePlan.Of(
            Array.ConvertAll(_invokers, static invoker => invoker.Block),
            index => CanSuspend(_invokers[index]),
            workerScripts.InputVariable is not null);
        foreach (string message in _plan?.Messages ?? [])
        {
            caller.WriteVerbose(message);
        }
    }

    /// <summary>The pipeline variables, whose values are the <see cref="WorkItem.Work"/> of each item; or null.</summary>
    public PipelineVariables? PipelineVariables { get; }

    /// <summary>
    /// The host of the session in which the work began, also when a worker is the caller; null if warnings are not wanted.
    /// </summary>
    public PSHost? Home => _home;

    /// <summary>Inspects an input object before the blocks get it, one at a time.</summary>
    /// <returns>A warning about an object that belongs to the caller's session, or null.</returns>
    public string? Inspect(object? input) => _closure.Inspector?.Inspect("the input", input);

    /// <inheritdoc/>
    public bool MayShare => !_isApart && _plan?.MayShare == true;

    /// <inheritdoc/>
    public bool IsBeingPrepared
        => _plan?.IsBeingPrepared == true && _workerScripts.Initialization is null && EngineInternals.TablesOf is not null;

    /// <inheritdoc/>
    public bool KeepsWorkers => _workerScripts.Initialization is not null || HasWorkOnLeaving;

    /// <inheritdoc/>
    public bool HasWorkOnLeaving => _workerScripts.Finalization is not null;

    /// <summary>
    /// Creates the workers of a call. It uses the workers that all calls share, unless each item needs a new one or the caller's language
    /// mode differs from that of the shared sessions.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">The largest number of workers.</param>
    /// <param name="newForEachItem">Whether each item gets a new worker. Default: no.</param>
    public WorkerTeam CreateTeam(ConcurrentCall call, int limit, bool newForEachItem = false)
    {
        if (newForEachItem)
        {
            // Nothing may start in the session of a suspended item.
            _plan = null;
        }

        WorkerLifetime lifetime = newForEachItem ? WorkerLifetime.Item
            : _languageMode == PSLanguageMode.FullLanguage ? WorkerLifetime.Process
            : WorkerLifetime.Call;
        return new WorkerTeam(call, this, WorkerPool.Shared, limit, _languageMode, lifetime);
    }

    /// <summary>Opens a call that has no pipeline thread: its records are read, see <see cref="ConcurrentCall.ReadToEndAsync"/>.</summary>
    /// <param name="options">How it treats its items.</param>
    /// <param name="limit">The largest number of workers.</param>
    /// <param name="caller">The caller that waits for all of it, or null.</param>
    public ConcurrentCall OpenCall(CallOptions options, int limit, CallerLink? caller = null)
    {
        _inBackground = true;
        return new ConcurrentCall(options, call => CreateTeam(call, limit), write: static _ => { }) { Caller = caller };
    }

    /// <summary>Whether any of the blocks may suspend, now or later.</summary>
    public bool HasAwaits => _plan is not null;

    /// <summary>The same job for a call whose items never share a worker with suspended ones.</summary>
    public ScriptJob Apart()
    {
        var apart = (ScriptJob)MemberwiseClone();
        apart._isApart = true;
        return apart;
    }

    /// <summary>Whether the items of a block may share workers with suspended ones; otherwise they belong apart.</summary>
    /// <param name="block">The index of the block.</param>
    public bool MayShareOf(int block) => _plan?.MayShareOf(block) == true;

    private bool CanSuspend(ScriptInvoker invoker)
        => _languageMode == PSLanguageMode.FullLanguage
            && invoker.IsDirect && ModeOf(invoker.Block) is null or PSLanguageMode.FullLanguage;

    private static PSLanguageMode? ModeOf(ScriptBlock block) => EngineInternals.LanguageModeOf?.Invoke(block);

    /// <inheritdoc/>
    public string? Describe(WorkItem item) => (_invokers.Length == 1 ? _invokers[0] : _invokers[item.Index]).Place;

    /// <inheritdoc/>
    public IWorkerScope Enter(Worker worker, PSCmdlet command)
    {
        if (_context is not null)
        {
            // The context includes the culture of the caller's thread.
            ExecutionContext.Restore(_context);
        }

        worker.Host.Caller = _host;
        worker.Host.Home = _home;
        worker.Host.Trace = _trace;
        CallerSession.Prepare(command);
        BlockImports.Of(worker).Remove(command);
        _location.Apply(worker, command);
        _closure.Apply(worker, command);
        _session.Apply(command);
        _invocation.Apply(command);
        if (!_inBackground && !worker.Call!.Options.Detached)
        {
            // In other cases the caller has continued, and a stop would hit unrelated code there.
            _debugger?.Attach(worker);
        }

        return new ScriptScope(worker, command, _invokers, _workerScripts, PipelineVariables, _plan);
    }
}
