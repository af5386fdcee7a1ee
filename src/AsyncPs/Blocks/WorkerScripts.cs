using AsyncPs.Blocks.Capture;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>The blocks of a call besides that of its items; all run in the workers, in the scope in which the items run.</summary>
/// <param name="Initialization">Runs once a worker before its first item, or null.</param>
/// <param name="Finalization">Runs once a worker after its last item, or null.</param>
/// <param name="RetryFilter">Says whether an error is worth another attempt, or null.</param>
internal sealed record WorkerScripts(ScriptBlock? Initialization, ScriptBlock? Finalization, ScriptBlock? RetryFilter)
{
    /// <summary>No such blocks.</summary>
    public static WorkerScripts None { get; } = new(null, null, null);

    /// <summary>Whether errors that end a statement end the item, as within a `try`.</summary>
    public bool EndsAtErrors { get; init; }

    /// <summary>Runs before the block of each item, in its scope, or null.</summary>
    public ScriptBlock? ItemInitialization { get; init; }

    /// <summary>The name of a variable that has the item's input, as `$_` has, for blocks and all that they call; or null.</summary>
    public string? InputVariable { get; init; }

    /// <summary>Says of each item whether its block is to run, or null.</summary>
    public ScriptBlock? ItemFilter
    {
        get => _itemFilter;
        init => (_itemFilter, UnboundItemFilter) = (value, Unbound(value));
    }

    /// <summary>The twin of <see cref="ItemFilter"/> that workers run, or null.</summary>
    public ScriptBlock? UnboundItemFilter { get; private init; }

    /// <summary>Has the last word on whether the block of an item runs, given what the filter says; true without one. On the worker. Or null.</summary>
    public Func<bool, bool>? Admits { get; init; }

    private readonly ScriptBlock? _initialization = Unbound(Initialization);
    private readonly ScriptBlock? _finalization = Unbound(Finalization);
    private readonly ScriptBlock? _itemFilter;

    /// <summary>The twin of <see cref="RetryFilter"/> that workers run, or null.</summary>
    public ScriptBlock? UnboundRetryFilter { get; } = Unbound(RetryFilter);

    /// <summary>Those that there are.</summary>
    public IEnumerable<ScriptBlock> Blocks => new[] { Initialization, Finalization, RetryFilter, ItemInitialization, ItemFilter }.OfType<ScriptBlock>();

    /// <summary>Runs the first one. What it writes is dropped; what it sets, the items see.</summary>
    /// <exception cref="ConcurrentArgumentException">It failed.</exception>
    public void Initialize(PSCmdlet command)
    {
        try
        {
            Run(_initialization, command);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw WorkerErrors.InitializationFailed(e);
        }
    }

    /// <summary>Runs the last one.</summary>
    /// <exception cref="RuntimeException">It failed.</exception>
    public void Finish(PSCmdlet command) => Run(_finalization, command);

    private static ScriptBlock? Unbound(ScriptBlock? block) => block is null ? null : UnboundBlocks.Get(block);

    private static void Run(ScriptBlock? block, PSCmdlet command)
    {
        if (block is not null)
        {
            command.InvokeCommand.InvokeScript(useLocalScope: false, block, input: null, args: null);
        }
    }
}
