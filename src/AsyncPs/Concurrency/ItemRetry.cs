using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <summary>
/// The retries of a failed item. It waits outside any worker and keeps its place under the limit. Created at the first failure, so an
/// item that does not fail has no extra cost.
/// </summary>
/// <param name="item">The item.</param>
/// <param name="state">Its state.</param>
/// <param name="policy">The retry policy, or null if only the circuit breaker needs the outcome of the attempt.</param>
internal sealed class ItemRetry(WorkItem item, ItemState state, IRetryPolicy? policy)
{
    private TaskCompletionSource<AttemptOutcome>? _attempt;
    private bool _mayRetry;
    private long _nextAt;

    /// <summary>
    /// When the next attempt starts, in milliseconds of <see cref="Environment.TickCount64"/>; 0 while it does not wait for that.
    /// </summary>
    public long NextAt => Volatile.Read(ref _nextAt);

    /// <summary>Whether the next worker runs the caller's filter block about the failure instead of the item.</summary>
    public bool AwaitsVerdict { get; private set; }

    /// <summary>Notes that the first attempt has failed.</summary>
    public void Begin()
    {
        item.Call.PutAside(item);
        _ = RunAsync();
    }

    /// <summary>Notes that the worker is done with the retry, or with the filter block.</summary>
    /// <param name="stopped">Whether it was stopped before its end.</param>
    public void AttemptEnded(bool stopped)
    {
        if (stopped)
        {
            _attempt!.TrySetCanceled();
        }
        else if (AwaitsVerdict)
        {
            AwaitsVerdict = false;
            ErrorRecord error = state.LastError!;
            _attempt!.TrySetResult(AttemptOutcome.Failure(error, _mayRetry, (error.Exception as IRetryHint)?.RetryAfter));
        }
        else
        {
            _attempt!.TrySetResult(AttemptOutcome.Success);
        }
    }

    /// <summary>Takes the answer of the filter block. A block that fails counts as a no.</summary>
    public void Judge(bool mayRetry) => _mayRetry = mayRetry;

    private async Task RunAsync()
    {
        bool stopped = false;
        try
        {
            AttemptOutcome first = await OutcomeAsync().ConfigureAwait(false);
            if (policy is not null)
            {
                await policy.RunAsync(first, AgainAsync, TellAsync, state.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            stopped = true;
            if (!item.Call.CancellationToken.IsCancellationRequested && !state.IsCanceled)
            {
                state.TimeIsOver();
            }
        }
        catch (Exception e)
        {
            stopped = !await TryFailAsync(e).ConfigureAwait(false);
        }

        state.End(stopped);
    }

    // If the -OnRetry block fails, the item fails too.
    private async ValueTask<bool> TryFailAsync(Exception error)
    {
        try
        {
            await item.FailAsync(error).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped.
            return false;
        }
    }

    private async ValueTask TellAsync(RetryNotice notice)
    {
        if (item.Call.Options.OnRetry is { } told)
        {
            await told.AskAsync(item, notice, [], state.Token).ConfigureAwait(false);
        }

        Volatile.Write(ref _nextAt, Environment.TickCount64 + Math.Max(1, (long)notice.Delay.TotalMilliseconds));
    }

    private async Task<AttemptOutcome> AgainAsync(int attempt, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _nextAt, 0);
        item.Call.CountRetry();
        if (item.Call.Options.IsVerbose)
        {
            await item.WriteAsync(
                StreamKind.Verbose,
                new VerboseRecord($"Attempt {attempt} of item {item.Index}, after: {state.LastError}")).ConfigureAwait(false);
        }

        if (state.Span is { } span)
        {
            CallSpans.Retry(span, attempt, state.LastError);
        }

        state.Reset();
        await RunOnRunnerAsync().ConfigureAwait(false);
        return await OutcomeAsync().ConfigureAwait(false);
    }

    private async Task<AttemptOutcome> OutcomeAsync()
    {
        AttemptOutcome outcome = await JudgeAsync().ConfigureAwait(false);
        if (!outcome.Succeeded)
        {
            state.TellCircuit(outcome);
        }

        return outcome;
    }

    // The outcome of the attempt that has just ended.
    private async Task<AttemptOutcome> JudgeAsync()
    {
        if (!item.Failed || state.LastError is not { } error)
        {
            return AttemptOutcome.Success;
        }

        RetryFilter filter = item.Call.Options.RetryFilter;
        var hint = error.Exception as IRetryHint;
        if (hint is not null && (filter == RetryFilter.Any || !hint.MayRepeat))
        {
            return AttemptOutcome.Failure(error, hint.IsTransient && hint.MayRepeat, hint.RetryAfter);
        }

        if (filter.Matches(error) || filter.Block is null)
        {
            return AttemptOutcome.Failure(error, filter.Matches(error), hint?.RetryAfter);
        }

        AwaitsVerdict = true;
        _mayRetry = false;
        return await RunOnRunnerAsync().ConfigureAwait(false);
    }

    private Task<AttemptOutcome> RunOnRunnerAsync()
    {
        _attempt = new TaskCompletionSource<AttemptOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<AttemptOutcome> ended = _attempt.Task;
        item.Call.Resume(item);
        return ended;
    }
}
