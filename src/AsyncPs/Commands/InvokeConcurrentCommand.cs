using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Scripts;
using AsyncPs.Concurrency.Workers;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a script block once for every input object, or several blocks once each, concurrently on long-lived workers, and
/// writes the results as they complete (asyncio's <c>gather</c> and <c>as_completed</c>).
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "Concurrent")]
[OutputType(typeof(object))]
public sealed class InvokeConcurrentCommand : ConcurrentCommand
{
    /// <summary>The blocks. With pipeline input one block, run for every object as `$_`; without, each runs once.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public ScriptBlock[] ScriptBlock { get; set; } = [];

    /// <summary>The input objects.</summary>
    [Parameter(ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    public object? InputObject { get; set; }

    /// <summary>How many items run at once. Default: the number of processors, but at least 5.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ThrottleLimit { get; set; } = Math.Max(5, Environment.ProcessorCount);

    /// <summary>Writes the results in input order rather than as they complete.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>What the block gets as `$args` or for its `param()`.</summary>
    [Parameter]
    [Alias("Args")]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Runs on new runspaces, disposed when the command returns, instead of warm ones.</summary>
    [Parameter]
    public SwitchParameter UseNewRunspace { get; set; }

    private bool _hasInput;

    /// <inheritdoc/>
    private protected override ConcurrentCall OpenCall(Action<StreamRecord> write)
    {
        _hasInput = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
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

        var job = new ScriptJob(ScriptBlock, ArgumentList, CaptureOptions, this);
        return new ConcurrentCall(
            CallLimits.For(ThrottleLimit),
            Ordered,
            call => new WorkerTeam(call, job, WorkerPool.Shared, ThrottleLimit, SessionState.LanguageMode, pooled),
            write);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_hasInput)
        {
            Call.Add(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!_hasInput)
        {
            foreach (ScriptBlock _ in ScriptBlock)
            {
                Call.Add(null);
            }
        }

        base.EndProcessing();
    }
}
