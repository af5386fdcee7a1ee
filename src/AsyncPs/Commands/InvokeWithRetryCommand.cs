using System.Runtime.ExceptionServices;
using AsyncPs.Commands.Parameters;
using AsyncPs.Isolation;
using AsyncPs.Resilience;

namespace AsyncPs.Commands;

/// <summary>
/// Runs a block in the caller's scope, and again when it fails: after a delay that grows, while the error is of a kind that may pass, and
/// while a circuit breaker lets it.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "WithRetry")]
[OutputType(typeof(object))]
public sealed class InvokeWithRetryCommand : AsyncCommand
{
    /// <summary>The block. It has failed when an error ends it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>How many times it is tried again at the most. Default: 3.</summary>
    [Parameter]
    [Alias("Count")]
    [ValidateRange(0, int.MaxValue)]
    public int RetryCount { get; set; } = 3;

    /// <summary>The delay before the first retry, from which the others follow, up to a day; a number means seconds. Default: 1 s.</summary>
    [Parameter]
    [Alias("Delay")]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How the delay grows. Default: exponentially.</summary>
    [Parameter]
    [Alias("Backoff")]
    public RetryBackoff RetryBackoff { get; set; } = RetryBackoff.Exponential;

    /// <summary>The longest delay, up to a day; a number means seconds. Default: 5 minutes.</summary>
    [Parameter]
    [Duration(AllowInfinite = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Leaves the delays as they are, instead of varying them at random.</summary>
    [Parameter]
    public SwitchParameter NoJitter { get; set; }

    /// <summary>Which errors are worth a retry: exception types, names of them, or a block that is given the error as `$_`. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? RetryOn { get; set; }

    /// <summary>Runs before each delay, in the caller's scope, with the attempt, its error and the delay as `$_`. What it writes is dropped.</summary>
    [Parameter]
    public ScriptBlock? OnRetry { get; set; }

    /// <summary>How long all attempts and delays may take together; a number means seconds. Default: without end.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>A circuit breaker that each attempt goes through.</summary>
    [Parameter]
    [ValidateNotNull]
    public CircuitBreaker? CircuitBreaker { get; set; }

    private readonly CancellationTokenSource _late = new();
    private readonly PipelineWork _work = new();
    private RetryFilter _filter = RetryFilter.Any;
    private List<object?> _output = [];
    private ExceptionDispatchInfo? _thrown;
    private ErrorRecord? _last;
    private int _attempts;

    /// <inheritdoc/>
    private protected override void Begin() => _filter = RetryFilter.Parse(RetryOn, nameof(RetryOn));

    /// <inheritdoc/>
    private protected override void End()
    {
        _late.CancelAfter(Timeout);
        AttemptOutcome outcome = Attempt();
        if (outcome.MayRetry && RetryCount > 0)
        {
            outcome = Retry(outcome);
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
        _late.Dispose();
        base.Dispose(disposing);
    }

    private AttemptOutcome Retry(AttemptOutcome first)
    {
        IRetryPolicy policy = Dependencies.Current.CreateRetryPolicy(new RetryOptions(RetryCount)
        {
            Delay = RetryDelay,
            Backoff = RetryBackoff,
            MaxDelay = MaxDelay,
            Jitter = !NoJitter,
            OnRetry = OnRetry is null ? null : Tell,
        });
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _late.Token);
        try
        {
            return _work.RunUntilEnd(policy.RunAsync(first, (_, _) => _work.DoAsync(Attempt, CancellationToken.None), end.Token), Wait);
        }
        catch (OperationCanceledException) when (_late.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            ThrowTerminatingError(Errors.RetryTimeout(Timeout, _attempts, _last));
            throw;
        }
    }

    private async ValueTask Tell(RetryNotice notice) => await _work.DoAsync(() => CallerBlock.Collect(OnRetry!, notice)).ConfigureAwait(false);

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
            // Output of an attempt that fails must not be seen, so it is held back.
            _output = [];
            if (Timeout == System.Threading.Timeout.InfiniteTimeSpan)
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
            ThrowTerminatingError(Errors.RetryTimeout(Timeout, _attempts, _last));
            throw;
        }
        catch (Exception e)
        {
            _thrown = ExceptionDispatchInfo.Capture(e);
            _last = ErrorCauses.RecordOf(e);
            return AttemptOutcome.Failure(_last, MayRetry(_last));
        }
    }

    private bool MayRetry(ErrorRecord error)
        => _filter.Matches(error)
            || (_filter.Block is { } block && LanguagePrimitives.IsTrue(CallerBlock.Collect(block, error).LastOrDefault()));

    private void Fail(AttemptOutcome outcome)
    {
        // As it was thrown, so that the caller's catch sees what it would see without this command.
        _thrown?.Throw();
        ThrowTerminatingError(outcome.Error!);
    }
}
