using System.Runtime.ExceptionServices;
using AsyncPs.Blocks;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Commands.Pipeline;
using AsyncPs.Concurrency;
using AsyncPs.Concurrency.Hedging;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Resilience;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block in the caller's scope, and again when it fails: after a growing delay, as long as the error may be transient and the
/// circuit breaker is closed.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "WithRetry")]
[OutputType(typeof(object))]
public sealed class InvokeWithRetryCommand : RetryCommand
{
    /// <summary>The block. It fails when an error ends it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>The largest number of retries. Default: 3.</summary>
    [Parameter]
    [Alias("Count")]
    [ValidateRange(0, int.MaxValue)]
    public override int RetryCount { get => base.RetryCount; set => base.RetryCount = value; }

    /// <inheritdoc/>
    [Parameter]
    [Alias("Delay")]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public override TimeSpan RetryDelay { get => base.RetryDelay; set => base.RetryDelay = value; }

    /// <inheritdoc/>
    [Parameter]
    [Alias("Backoff")]
    public override RetryBackoff RetryBackoff { get => base.RetryBackoff; set => base.RetryBackoff = value; }

    /// <summary>How long all attempts and delays may take together; a number means seconds. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private readonly CancellationTokenSource _late = new();
    private readonly PipelineDispatcher _work = new();
    private RetryFilter _filter = RetryFilter.Any;
    private List<object?> _output = [];
    private ExceptionDispatchInfo? _thrown;
    private ErrorRecord? _last;
    private int _attempts;
    private HedgedCall? _hedges;

    /// <inheritdoc/>
    private protected override int DefaultRetryCount => 3;

    /// <inheritdoc/>
    private protected override void Begin()
    {
        RequireWith(nameof(Hedge), nameof(NoCapture), nameof(Variable), nameof(Function), nameof(Module));
        _filter = CreateRetryFilter();
        if (CreateHedgePolicy() is { } policy)
        {
            _hedges = OpenHedges(policy);
        }
    }

    /// <inheritdoc/>
    private protected override async CommandStep EndAsync()
    {
        _late.CancelAfter(Timeout);
        AttemptOutcome outcome = Attempt();
        if (outcome.MayRetry && CreateRetryPolicy() is { } policy)
        {
            outcome = await RetryAsync(policy, outcome);
        }

        if (outcome.Succeeded)
        {
            foreach (object? item in _output)
            {
                WriteObject(item);
            }

            return;
        }

        Fail(outcome);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Losing attempts are canceled, and none outlives the command.
        _hedges?.Dispose();
        _late.Dispose();
        base.Dispose(disposing);
    }

    // Two concurrent attempts cannot run in the caller's session, so they run on workers.
    private HedgedCall OpenHedges(IHedgePolicy policy)
    {
        var job = new ScriptJob([ScriptBlock], arguments: null, CaptureOptions, WorkerScripts.None, this);
        var options = new CallOptions(CallLimits.For(2)) { Source = CallSource.Of(this) };
        return new HedgedCall(policy, options, call => job.CreateTeam(call, limit: 2), CallerLink.Of(this));
    }

    private async CommandStep<AttemptOutcome> RetryAsync(IRetryPolicy policy, AttemptOutcome first)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        try
        {
            return await ServeUntilEndAsync(
                _work,
                policy.RunAsync(first, (_, _) => _work.DoAsync(Attempt, CancellationToken.None), OnRetry is null ? null : Tell, end.Token));
        }
        catch (OperationCanceledException) when (_late.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            ThrowTerminatingError(ResilienceErrors.RetryTimeout(Timeout, _attempts, _last));
            throw;
        }
    }

    private async ValueTask Tell(RetryNotice notice)
        => await _work.DoAsync(() => CallerBlock.Collect(OnRetry!, notice)).ConfigureAwait(false);

    private AttemptOutcome Attempt()
    {
        _thrown = null;
        return CircuitBreaker is { } breaker ? breaker.Run(RunBlock) : RunBlock();
    }

    private AttemptOutcome RunBlock()
    {
        _attempts++;
        try
        {
            // The output of a failed attempt must not be seen, so it is held back.
            _output = [];
            if (_hedges is not null)
            {
                return RunHedged(_hedges);
            }

            if (Timeout == System.Threading.Timeout.InfiniteTimeSpan && !HeardErrors.AreSilenced(this, ScriptBlock))
            {
                CallerBlock.Collect(ScriptBlock, _output, CallerBlock.Unset);
            }
            else
            {
                LimitedBlock.Invoke(this, ScriptBlock, CallerBlock.Unset, [], _output.Add, errors: null, _late.Token);
            }

            return AttemptOutcome.Success;
        }
        catch (Exception e) when (e is PipelineStoppedException or FlowControlException or ThreadInterruptedException)
        {
            throw;
        }
        catch (OperationCanceledException) when (_late.IsCancellationRequested)
        {
            ThrowTerminatingError(ResilienceErrors.RetryTimeout(Timeout, _attempts, _last));
            throw;
        }
        catch (Exception e)
        {
            _thrown = ExceptionDispatchInfo.Capture(e);
            _last = ErrorCauses.RecordOf(e);
            return AttemptOutcome.Failure(_last, MayRetry(_last));
        }
    }

    private AttemptOutcome RunHedged(HedgedCall hedges)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        HedgedAttempt attempt = Wait(new ValueTask<HedgedAttempt>(hedges.RunAsync(outer: null, input: null, work: null, end.Token)));
        var writer = new RecordWriter(this);
        foreach (StreamRecord record in attempt.Records.Where(record => !ReferenceEquals(record.Data, attempt.EndedBy)))
        {
            if (record.Kind == StreamKind.Output)
            {
                _output.Add(record.Data);
            }
            else
            {
                writer.Write(record with { Item = null });
            }
        }

        if (attempt.EndedBy is not { } error)
        {
            return AttemptOutcome.Success;
        }

        _last = error;

        RuntimeException thrown = ErrorCauses.ExceptionOf(error);

        // Otherwise the error would have the position of this command.
        thrown.WasThrownFromThrowStatement = true;
        _thrown = ExceptionDispatchInfo.Capture(thrown);
        return AttemptOutcome.Failure(error, MayRetry(error));
    }

    private bool MayRetry(ErrorRecord error)
        => _filter.Matches(error)
            || (_filter.Block is { } block && LanguagePrimitives.IsTrue(CallerBlock.Collect(block, error).LastOrDefault()));

    private void Fail(AttemptOutcome outcome)
    {
        // Rethrown unchanged, so that the caller's catch sees the same as without this command.
        _thrown?.Throw();
        ThrowTerminatingError(outcome.Error!);
    }
}
