namespace AsyncPs.Concurrency;

/// <content>How a call ends before its items have: by a stop, a time-out, or a failure that ends all.</content>
internal sealed partial class ConcurrentCall
{
    /// <summary>The status of items that are stopped.</summary>
    public ConcurrentStatus CancelStatus
        => Volatile.Read(ref _canceledBy) is TimeoutException ? ConcurrentStatus.TimedOut : ConcurrentStatus.Canceled;

    /// <summary>Stops a canceled item if it runs.</summary>
    public void Stop(WorkItem item) => _runner.Stop(item);

    /// <summary>Cancels the other items because one has failed. The call ends with all failures in one error.</summary>
    public void FailFast(IEnumerable<ErrorRecord> failures)
    {
        _failures.Add(failures);
        Cancel(new OperationCanceledException());
    }

    /// <summary>
    /// Adds an error to the one that ends the call, if a failure ends it. Errors of items that the call has stopped are not written.
    /// </summary>
    public bool TryAddFailure(ErrorRecord error, WorkItem item)
    {
        if (!Options.FailFast || !IsCanceled)
        {
            return false;
        }

        _failures.Add([ItemErrors.FromWritten(error, item)]);
        return true;
    }

    /// <summary>Whether it was stopped, so that nothing reads what its items write.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Stops everything that runs. Any thread; returns at once.</summary>
    public void Stop()
    {
        lock (_stop)
        {
            if (_disposed)
            {
                return;
            }

            _stop.Cancel();
        }

        EndItems();
    }

    /// <summary>Stops what still runs, waits for its end within a grace period, and abandons the rest.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        if (IsFinished)
        {
            Queue.Complete();
            End();
        }
        else
        {
            Uninterrupted.Run(() =>
            {
                Stop();
                _runner.WaitForEnd();
                EndRest();
                End();
            });
        }
    }

    private void End()
    {
        _timeout?.Dispose();
        _clock?.Dispose();
        lock (_stop)
        {
            _disposed = true;
            _stop.Dispose();
            _cancel.Dispose();
        }

        _runner.Dispose();
        LiveCalls.Remove(this);
        Options.Statistics?.End();
        if (Span is not null)
        {
            CallSpans.End(Span, Totals, _canceledBy);
        }
    }

    private bool IsCanceled => Volatile.Read(ref _canceledBy) is not null;

    private void TimeIsOver()
    {
        if (Volatile.Read(ref _complete) && IsFinished)
        {
            return;
        }

        long finished = Finished;
        long running = Queue.InFlightCount;
        Cancel(CallErrors.CallTimedOut(Options.Timeout!.Value, finished, running, Math.Max(0, Added - finished - running)));
    }

    // The items end, but their output is still written.
    private void Cancel(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _canceledBy, reason, null) is null)
        {
            EndItems();
        }
    }

    private void EndItems()
    {
        Queue.Abandon();
        lock (_stop)
        {
            if (_disposed)
            {
                return;
            }

            // CancelAsync, because waiters for the token would otherwise continue on this thread.
            _ = _cancel.CancelAsync();
        }

        _runner.Stop();
        Output.WakeUp();
    }

    // Items that have not started never will; running ones are waited for.
    private void EndCanceled()
    {
        _ending = true;
        Volatile.Write(ref _complete, true);
        EndResumed();
        DropWaiting();
        while (!IsFinished)
        {
            WaitAndPump();
            DropWaiting();
        }

        Pump();
        _runner.WaitForEnd();
        _write(new StreamRecord(
            null,
            StreamKind.Fatal,
            _canceledBy is TimeoutException ? _canceledBy : CallErrors.FailFast(_failures.All)));
    }

    private void EndResumed()
    {
        while (Queue.TryTakeResumed(out WorkItem? item))
        {
            item.End(stopped: true);
        }
    }

    private void DropWaiting()
    {
        while (Queue.TryDrop(out WorkItem? item))
        {
            Drop(item);
        }
    }
}
