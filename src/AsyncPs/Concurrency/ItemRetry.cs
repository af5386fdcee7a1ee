using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <summary>
/// An item that has failed and may be tried again. It waits outside any worker and keeps its place under the limit. Made at
/// the first failure: what does not fail pays nothing.
/// </summary>
/// <param name="item">The item.</param>
/// <param name="state">Its state.</param>
/// <param name="policy">Tries again, or null if only the circuit breaker is to know what has become of the attempt.</param>
internal sealed class ItemRetry(WorkItem item, ItemState state, IRetryPolicy? policy)
{
    private TaskCompletionSource<AttemptOutcome>? _attempt;
    private bool _mayRetry;
    private long _nextAt;

    /// <summary>
    /// When it is tried again, in milliseconds of <see cref="Environment.TickCount64"/>; 0 while it is not waiting for that.
    /// </summary>
    public long NextAt => Volatile.Read(ref _nextAt);

    /// <summary>Whether a worker is to ask the caller's filter block about the failure, instead of running the item.</summary>
    public bool AwaitsVerdict { get; private set; }

    /// <summary>The first attempt has failed.</summary>
    public void Begin()
    {
        item.Call.PutAside(item);
        _ = RunAsync();
    }

    /// <summary>What ran the item again, or the filter block for it, has let go of it.</summary>
    /// <param name="stopped">Whether it was stopped rather than ran to its end.</param>
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

    /// <summary>What the filter block has said. One that fails has said no.</summary>
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

        state.TellCircuit(null);
        state.End(stopped);
    }

    // The block that is told has failed: the item has, too.
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
            await item.WriteAsync(StreamKind.Verbose, new VerboseRecord($"Attempt {attempt} of item {item.Index}, after: {state.LastError}")).ConfigureAwait(false);
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

    // How the attempt that has just ended did.
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
