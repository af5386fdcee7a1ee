using AsyncPs.Resilience;

namespace AsyncPs.Concurrency;

/// <content>The end of an attempt and of the item, and the handling of its results.</content>
internal sealed partial class ItemState
{
    private bool AwaitedCanceled => item.Awaited?.HasCanceled == true;

    /// <summary>Ends an attempt. The item ends with it, unless it is retried.</summary>
    /// <param name="stopped">Whether it was stopped before its end.</param>
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

    // A service that does not answer before the item times out has failed. A stopped call says nothing about it.
    private bool HasHung(bool stopped) => stopped && IsTimedOut && !IsCanceled && !item.Call.CancellationToken.IsCancellationRequested;

    /// <summary>Reports the outcome of an attempt to the circuit breaker, if there is one; null for an aborted attempt.</summary>
    public void TellCircuit(AttemptOutcome? outcome)
    {
        item.Call.Options.CircuitBreaker?.Leave(_probe, outcome);
        _probe = null;
    }

    /// <summary>Ends the item: sends its results and frees its place.</summary>
    /// <param name="stopped">Whether it was stopped before its end.</param>
    public void End(bool stopped)
    {
        if (TryRelease(stopped))
        {
            _ = EndAsync(StatusAtEnd(stopped), stopped);
        }
    }

    // Returns, once, what the item holds to run: permits, the probe of a circuit breaker, its token. What it holds of its call is returned
    // by the call, when its results are on their way.
    private bool TryRelease(bool stopped)
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            if (_ended)
            {
                return false;
            }

            _ended = true;
            source = _source;
        }

        _permit?.Close();
        TellCircuit(null);

        // What a successful item has started may continue.
        if (stopped)
        {
            source?.Cancel();
        }

        source?.Dispose();
        return true;
    }

    /// <summary>The result object of the item.</summary>
    public ConcurrentResult Result(ConcurrentStatus status)
    {
        IEnumerable<StreamRecord> kept = _kept ?? Enumerable.Empty<StreamRecord>();
        return new ConcurrentResult(
            item,
            status,
            [.. kept.Where(static r => r.Kind == StreamKind.Output).Select(static r => r.Data)],
            [.. Errors(kept)],
            Elapsed,
            Attempt,
            Worker);
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
            // The call is being stopped, so the records have no reader.
        }
        catch (Exception e)
        {
            item.Call.Fail(e);
        }

        try
        {
            NoteEnd(status, stopped);
        }
        finally
        {
            item.Call.Finish(item, interrupted: stopped && !IsTimedOut);
            item.Sink?.Ended(status);
        }
    }

    private void NoteEnd(ConcurrentStatus status, bool stopped)
    {
        if (item.Failed && item.Call.Options.FailFast && !(stopped && status == ConcurrentStatus.Canceled))
        {
            item.Call.FailFast(Errors(_kept ?? []));
        }

        if (_startedAt != 0)
        {
            item.Call.Options.Statistics?.Ended(Elapsed, item.Failed || IsTimedOut);
        }

        if (Span is not null)
        {
            CallSpans.End(Span, status, Attempt, item.EndedBy ?? item.AwaitError ?? LastError);
        }
    }

    private async ValueTask WriteKeptAsync()
    {
        foreach (StreamRecord record in _kept ?? [])
        {
            // With -FailFast the errors are part of the one error that ends the call.
            if (record.Kind != StreamKind.Error || !item.Call.Options.FailFast)
            {
                await item.SendAsync(record).ConfigureAwait(false);
            }
        }
    }

    private IEnumerable<ErrorRecord> Errors(IEnumerable<StreamRecord> kept)
        => kept.Where(static r => r.Kind == StreamKind.Error).Select(r => ItemErrors.FromWritten((ErrorRecord)r.Data!, item));
}
