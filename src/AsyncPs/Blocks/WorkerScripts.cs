using AsyncPs.Blocks.Capture;
using AsyncPs.Workers;

namespace AsyncPs.Blocks;

/// <summary>The initialization, finalization and filter blocks of a call. All run in the workers, in the scope of the items.</summary>
/// <param name="Initialization">Runs once per worker before its first item, or null.</param>
/// <param name="Finalization">Runs once per worker after its last item, or null.</param>
/// <param name="RetryFilter">Decides whether an error is retried, or null.</param>
internal sealed record WorkerScripts(ScriptBlock? Initialization, ScriptBlock? Finalization, ScriptBlock? RetryFilter)
{
    /// <summary>No such blocks.</summary>
    public static WorkerScripts None { get; } = new(null, null, null);

    /// <summary>Whether a statement-terminating error ends the item, as in a `try`.</summary>
    public bool EndsAtErrors { get; init; }

    /// <summary>Runs before the block of each item, in its scope, or null.</summary>
    public ScriptBlock? ItemInitialization { get; init; }

    /// <summary>The name of a variable with the item's input, like `$_`, for blocks and all that they call; or null.</summary>
    public string? InputVariable { get; init; }

    /// <summary>Decides for each item whether its block runs, or null.</summary>
    public ScriptBlock? ItemFilter
    {
        get => _itemFilter;
        init => (_itemFilter, UnboundItemFilter) = (value, Unbound(value));
    }

    /// <summary>The twin of <see cref="ItemFilter"/> that workers run, or null.</summary>
    public ScriptBlock? UnboundItemFilter { get; private init; }

    /// <summary>
    /// Makes the final decision whether an item's block runs, given the filter's result (true without one). On the worker. Or null.
    /// </summary>
    public Func<bool, bool>? Admits { get; init; }

    private readonly ScriptBlock? _initialization = Unbound(Initialization);
    private readonly ScriptBlock? _finalization = Unbound(Finalization);
    private readonly ScriptBlock? _itemFilter;

    /// <summary>The twin of <see cref="RetryFilter"/> that workers run, or null.</summary>
    public ScriptBlock? UnboundRetryFilter { get; } = Unbound(RetryFilter);

    /// <summary>The blocks that are set.</summary>
    public IEnumerable<ScriptBlock> Blocks
        => new[] { Initialization, Finalization, RetryFilter, ItemInitialization, ItemFilter }.OfType<ScriptBlock>();

    /// <summary>Runs the initialization. Its output is dropped; the items see what it sets.</summary>
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

    /// <summary>Runs the finalization.</summary>
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
