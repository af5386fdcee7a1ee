using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <content>The end of an attempt, and of the item: what became of it, and where that goes.</content>
internal sealed partial class ItemState
{
    private bool AwaitedCanceled => item.Awaited?.HasCanceled == true;

    /// <summary>An attempt has ended; and with it the item, unless it has failed and is tried again.</summary>
    /// <param name="stopped">Whether it was stopped rather than ran to its end.</param>
    public void EndAttempt(bool stopped)
    {
        _permit?.Return();
        bool failed = !stopped && item.Failed;
        CallOptions options = item.Call.Options;
        if (!failed && options.CircuitBreaker is not null && _retry?.AwaitsVerdict != true)
        {
            TellCircuit(HasHung(stopped) ? TimeOut()
                : stopped || AwaitedCanceled ? null
                : AttemptOutcome.Success);
        }

        if (_retry is null && failed && (options.Retry is not null || options.CircuitBreaker is not null))
        {
            _retry = new ItemRetry(item, this, options.Retry);
            _retry.Begin();
        }
        else if (_retry is not null)
        {
            _retry.AttemptEnded(stopped);
        }
        else
        {
            End(stopped);
        }
    }

    private AttemptOutcome TimeOut()
    {
        ErrorRecord error = CallErrors.ItemTimedOut(item);
        RetryFilter filter = item.Call.Options.RetryFilter;
        return AttemptOutcome.Failure(error, filter == RetryFilter.Any || filter.Block is not null || filter.Matches(error));
    }

    // A service that does not answer in the item's time has failed. That the call is stopped says nothing of it.
    private bool HasHung(bool stopped) => stopped && IsTimedOut && !IsCanceled && !item.Call.CancellationToken.IsCancellationRequested;

    /// <summary>Tells the circuit breaker, if there is one, how an attempt has ended; null if it was broken off.</summary>
    public void TellCircuit(AttemptOutcome? outcome)
    {
        item.Call.Options.CircuitBreaker?.Leave(_probe, outcome);
        _probe = null;
    }

    /// <summary>The item has ended: its results go out, and its place is free.</summary>
    /// <param name="stopped">Whether it was stopped rather than ran to its end.</param>
    public void End(bool stopped)
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            source = _source;
        }

        _permit?.Close();

        // What a successful item has started and handed on may go on.
        if (stopped)
        {
            source?.Cancel();
        }

        source?.Dispose();
        _ = EndAsync(StatusAtEnd(stopped), stopped);
    }

    /// <summary>What became of the item.</summary>
    public ConcurrentResult Result(ConcurrentStatus status)
    {
        IEnumerable<StreamRecord> kept = _kept ?? Enumerable.Empty<StreamRecord>();
        return new ConcurrentResult(
            item,
            status,
            [.. kept.Where(static r => r.Kind == StreamKind.Output).Select(static r => r.Data)],
            [.. Errors(kept)],
            Elapsed,
            Attempt);
    }

    private ConcurrentStatus StatusAtEnd(bool stopped)
        => stopped ? IsTimedOut ? ConcurrentStatus.TimedOut : item.Call.CancelStatus
            : AwaitedCanceled ? ConcurrentStatus.Canceled
            : item.Failed ? ConcurrentStatus.Failed
            : ConcurrentStatus.Succeeded;

    private async Task EndAsync(ConcurrentStatus status, bool stopped)
    {
        try
        {
            if (_context is not null && await _context.CallbackFailureAsync().ConfigureAwait(false) is { } failure)
            {
                await item.WriteAsync(StreamKind.Warning, CallErrors.CallbackFailed(item, failure)).ConfigureAwait(false);
            }

            if (IsTimedOut && status == ConcurrentStatus.TimedOut && item.Sink is null)
            {
                await item.WriteAsync(StreamKind.Error, CallErrors.ItemTimedOut(item)).ConfigureAwait(false);
            }

            if (item.Call.Options.AsResult)
            {
                await item.SendAsync(new StreamRecord(item, StreamKind.Output, Result(status))).ConfigureAwait(false);
            }
            else
            {
                await WriteKeptAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped: nobody waits for the records.
        }

        if (item.Failed && item.Call.Options.FailFast && !(stopped && status == ConcurrentStatus.Canceled))
        {
            item.Call.FailFast(Errors(_kept ?? []));
        }

        item.Call.Finish(item, interrupted: stopped && !IsTimedOut);
        item.Sink?.Ended(status);
    }

    private async ValueTask WriteKeptAsync()
    {
        foreach (StreamRecord record in _kept ?? [])
        {
            // With -FailFast they are part of the one error that ends the call.
            if (record.Kind != StreamKind.Error || !item.Call.Options.FailFast)
            {
                await item.SendAsync(record).ConfigureAwait(false);
            }
        }
    }

    private IEnumerable<ErrorRecord> Errors(IEnumerable<StreamRecord> kept)
        => kept.Where(static r => r.Kind == StreamKind.Error).Select(r => ItemErrors.FromWritten((ErrorRecord)r.Data!, item));
}
