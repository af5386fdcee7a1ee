namespace AsyncPs.Concurrency;

/// <summary>
/// One call: a scope in which items run concurrently under a limit, and which ends only when all of them have ended
/// (asyncio's task group). The thread that owns it, the pipeline thread, adds items and writes what they produce; nothing in
/// it is unbounded.
/// </summary>
internal sealed class ConcurrentCall : IDisposable
{
    // Long enough for a script's finally blocks, short enough for a person who pressed Ctrl+C.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private readonly ReorderWindow? _window;
    private readonly Action<StreamRecord> _write;
    private readonly IWorkRunner _runner;
    private readonly Func<bool> _mayGoOn;
    private long _added;
    private long _finished;
    private bool _complete;
    private bool _disposed;

    /// <summary>Opens a call.</summary>
    /// <param name="limits">How much may be under way.</param>
    /// <param name="ordered">Whether results leave in input order rather than as they come.</param>
    /// <param name="runner">Makes what runs the items.</param>
    /// <param name="write">Writes one record to the pipeline; called on the pipeline thread only.</param>
    public ConcurrentCall(CallLimits limits, bool ordered, Func<ConcurrentCall, IWorkRunner> runner, Action<StreamRecord> write)
    {
        Stopping = _stop.Token;
        _write = write;
        _window = ordered ? new ReorderWindow(limits.ReorderWindow) : null;
        Output = new OutputBuffer(limits.Output, _window, Stopping);
        Queue = new WorkQueue(limits.InFlight, limits.Waiting, Output);
        _runner = runner(this);
        _mayGoOn = () => _complete ? IsFinished : !Queue.IsBackedUp;
    }

    /// <summary>The items that wait.</summary>
    public WorkQueue Queue { get; }

    /// <summary>The records that wait to be written.</summary>
    public OutputBuffer Output { get; }

    /// <summary>Cancelled when the call is stopped or has failed.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Adds an item; while there is no room for it, writes what the others produce. Pipeline thread only.</summary>
    public void Add(object? input)
    {
        // Looking for output at every short item would cost as much as the item.
        if (!Queue.ItemsAreShort || _added % 16 == 0)
        {
            Pump();
        }

        var item = new WorkItem(this, _added, input);
        _window?.Add(item);
        _added++;
        while (!Queue.TryAdd(item))
        {
            WaitAndPump();
        }

        _runner.Added();
    }

    /// <summary>Writes what is there to be written, without waiting. Pipeline thread only.</summary>
    public void Pump()
    {
        while (Output.TryRead(out StreamRecord record))
        {
            Accept(record);
        }
    }

    /// <summary>No more input: writes what comes until every item has ended. Pipeline thread only.</summary>
    public void RunToEnd()
    {
        Volatile.Write(ref _complete, true);
        while (!IsFinished)
        {
            WaitAndPump();
        }

        Pump();
        Queue.Close();
        _runner.WaitForEnd(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Says that an item has ended.</summary>
    public void Finish(WorkItem item)
    {
        if (_window is not null)
        {
            TryWrite(new StreamRecord(item, StreamKind.Completed, null));
        }

        long finished = Interlocked.Increment(ref _finished);
        Queue.Release();
        if (Volatile.Read(ref _complete) && finished == Volatile.Read(ref _added))
        {
            Output.WakeUp();
        }
    }

    /// <summary>Something failed that every item stands on: the error ends the call.</summary>
    public void Fail(Exception error) => TryWrite(new StreamRecord(null, StreamKind.Fatal, error));

    /// <summary>Stops everything that runs. Any thread; returns at once.</summary>
    public void Stop()
    {
        Queue.Abandon();
        lock (_stop)
        {
            if (_disposed)
            {
                return;
            }

            _stop.Cancel();
        }

        Output.WakeUp();
        _runner.Stop();
    }

    /// <summary>Stops what still runs, waits for its end within a grace period, and lets go of the rest.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        if (!IsFinished)
        {
            Stop();
            _runner.WaitForEnd(Grace);
        }
        else
        {
            Queue.Close();
        }

        lock (_stop)
        {
            _disposed = true;
            _stop.Dispose();
        }

        _runner.Dispose();
    }

    private bool IsFinished => Volatile.Read(ref _finished) == _added;

    private void TryWrite(in StreamRecord record)
    {
        try
        {
            Output.Write(record);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped: nobody waits for the record.
        }
    }

    private void WaitAndPump()
    {
        try
        {
            Output.WaitForRecord(_mayGoOn);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        Pump();
    }

    private void Accept(in StreamRecord record)
    {
        if (_window is null || record.Item is null)
        {
            _write(record);
        }
        else
        {
            _window.Accept(record, _write);
        }
    }
}
