using System.Collections;
using System.Data;
using System.Runtime.ExceptionServices;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Resilience;
using AsyncPs.Resources;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block with resources, and cleans them up however the block ends (asyncio's <c>async with</c>): disposes them, runs a block for
/// each, or commits or rolls back their transactions.
/// </summary>
[Cmdlet(VerbsOther.Use, "AsyncResource", DefaultParameterSetName = DisposeSet)]
[OutputType(typeof(object))]
public sealed partial class UseAsyncResourceCommand : AsyncCommand
{
    private const string DisposeSet = "Dispose";
    private const string TransactionSet = "Transaction";

    /// <summary>The resources: objects, tasks of objects, or blocks that create one each and get the earlier ones as arguments.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [System.Management.Automation.AllowNull]
    public object? Resource { get; set; }

    /// <summary>The block. It gets the resource as `$_`, several as an array and as arguments.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>
    /// Runs for each resource before the block, with it as `$_`. The block gets its output, if any, instead of the resource.
    /// </summary>
    [Parameter(ParameterSetName = DisposeSet)]
    public ScriptBlock? Enter { get; set; }

    /// <summary>
    /// Runs for each resource after the block instead of disposing it, with it as `$_` and the block's error or null as argument.
    /// </summary>
    [Parameter(ParameterSetName = DisposeSet)]
    public ScriptBlock? Exit { get; set; }

    /// <summary>
    /// Runs the block in a transaction of each resource, which is committed if the block succeeds and rolled back otherwise.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = TransactionSet)]
    public SwitchParameter Transaction { get; set; }

    /// <summary>The isolation level of the transactions. Default: the database's.</summary>
    [Parameter(ParameterSetName = TransactionSet)]
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.Unspecified;

    /// <summary>How long opening the resources and the block may take; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private readonly CancellationTokenSource _late = new();
    private readonly CleanUpStack _cleanUps = new();
    private readonly List<object?> _values = [];
    private List<object?> _resources = [];
    private ErrorRecord? _firstError;
    private int _errors;
    private bool _hadEnough;

    /// <inheritdoc/>
    private protected override void Begin()
    {
        _resources = [.. Elements(Resource)];
        foreach (object? resource in _resources)
        {
            if (!IsMade(resource ?? throw ResourceErrors.ResourceIsNull()))
            {
                Check(resource);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void End()
    {
        _late.CancelAfter(Timeout);
        ExceptionDispatchInfo? thrown = null;
        ErrorRecord? failure = null;
        try
        {
            _resources.ForEach(Open);
            RunBlock();
        }
        catch (Exception e)
        {
            thrown = ExceptionDispatchInfo.Capture(e);
            failure = FailureOf(e);
        }

        bool stopped = thrown?.SourceException is PipelineStoppedException or ThreadInterruptedException || Stopping;
        if (stopped && !_hadEnough)
        {
            WaitForStop();
        }

        _cleanUps.Unwind(failure, stopped);
        Report(thrown, failure);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _late.Dispose();
        base.Dispose(disposing);
    }

    private static IEnumerable<object?> Elements(object? resource)
        => resource is not null && PSObjectExtensions.Unwrap(resource) is IList list and not (IDisposable or IAsyncDisposable)
            ? list.Cast<object?>()
            : [resource];

    private static bool IsMade(object resource)
        => PSObjectExtensions.Unwrap(resource) is ScriptBlock || Awaitables.IsAwaitable(resource, out _);

    private void Check(object resource)
    {
        if (Transaction && !Transactions.CanBegin(PSObjectExtensions.Unwrap(resource)) && !Transactions.CanBegin(resource))
        {
            throw ResourceErrors.ResourceNotTransactional(resource);
        }

        if (!Transaction && Exit is null && !Disposal.CanDispose(PSObjectExtensions.Unwrap(resource)))
        {
            throw ResourceErrors.ResourceNotDisposable(resource);
        }
    }

    // In a nested pipeline, only a block in its own pipeline shows whether it was stopped or downstream has enough.
    private bool IsLimited => Transaction || Timeout != System.Threading.Timeout.InfiniteTimeSpan || NestedPipeline.IsCurrent
        || HeardErrors.AreSilenced(this, ScriptBlock);

    private void RunBlock()
    {
        object? item = _values is [var one] ? one : _values.ToArray();
        object?[] arguments = [.. _values];
        if (!IsLimited)
        {
            CallerBlock.Invoke(this, ScriptBlock, item, arguments);
            return;
        }

        LimitedBlock.Invoke(this, ScriptBlock, item, arguments, Write, Transaction ? Count : null, _late.Token);
        if (_firstError is not null)
        {
            ThrowTerminatingError(ResourceErrors.TransactionHadErrors(_firstError, _errors));
        }
    }

    private void Write(object? output)
    {
        _hadEnough = true;
        WriteObject(output);
        _hadEnough = false;
    }

    private void Count(ErrorRecord error)
    {
        _firstError ??= error;
        _errors++;
    }

    // `break` and `continue` leave the block as its end does. Anything else that ends it early has kept it from finishing its work.
    private ErrorRecord? FailureOf(Exception exception) => exception switch
    {
        LoopFlowException when !_hadEnough => null,
        OperationCanceledException when _late.IsCancellationRequested => ResourceErrors.ResourceTimeout(Timeout),
        ConcurrentArgumentException { Record: var record } => record,
        _ => ErrorCauses.RecordOf(exception),
    };

    private void Report(ExceptionDispatchInfo? thrown, ErrorRecord? failure)
    {
        bool isFirst = failure is null;
        foreach (ErrorRecord error in _cleanUps.Errors.Skip(isFirst ? 1 : 0))
        {
            ReportBeside(error);
        }

        if (thrown?.SourceException is OperationCanceledException && failure is { Exception: TimeoutException })
        {
            ThrowTerminatingError(failure);
        }

        if (isFirst && _cleanUps.Errors.Count > 0)
        {
            ThrowTerminatingError(_cleanUps.Errors[0]);
        }

        thrown?.Throw();
    }

    // The error that is about to be thrown must end the caller, even if the caller's preference lets other errors end it.
    private void ReportBeside(ErrorRecord error)
    {
        try
        {
            if (EngineInternals.LetErrorsPass(this))
            {
                WriteError(error);
                return;
            }
        }
        catch (PipelineStoppedException)
        {
            // The streams of a pipeline that is being stopped are not read.
        }

        (SessionState.PSVariable.GetValue("global:Error") as ArrayList)?.Insert(0, error);
        Host.UI?.WriteErrorLine(error.ToString());
    }
}
