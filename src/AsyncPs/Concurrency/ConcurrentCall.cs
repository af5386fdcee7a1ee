using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// One call: a scope in which items run concurrently under a limit, and which ends only when all of them have ended
/// (asyncio's task group). The thread that owns it, the pipeline thread, adds items and writes what they produce; nothing in
/// it is unbounded.
/// </summary>
internal sealed partial class ConcurrentCall : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CallFailures _failures = new();
    private readonly ReorderWindow? _window;
    private readonly Action<StreamRecord> _write;
    private readonly IWorkRunner _runner;
    private readonly Func<bool> _mayGoOn;
    private readonly Timer? _timeout;
    private Timer? _clock;
    private Action? _tick;
    private bool _tickDue;
    private long _added;
    private long _finished;
    private long _failed;
    private bool _complete;
    private bool _ending;
    private bool _leaving;
    private bool _disposed;
    private Exception? _canceledBy;

    /// <summary>Opens a call.</summary>
    /// <param name="options">How it treats its items.</param>
    /// <param name="runner">Makes what runs the items.</param>
    /// <param name="write">Writes one record to the pipeline; called on the pipeline thread only.</param>
    public ConcurrentCall(CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, Action<StreamRecord> write)
    {
        Options = options;
        Scope = AmbientScope.Current;
        Home = WorkItem.Current?.Call.Home ?? System.Management.Automation.Runspaces.Runspace.DefaultRunspace;
        CancellationToken = _cancel.Token;
        Pending = new PendingOutputs(CancellationToken);
        _write = write;
        CallLimits limits = options.Limits;
        _window = options.Ordered ? new ReorderWindow(limits.ReorderWindow) : null;
        Output = new OutputBuffer(limits.Output, _window, _stop.Token) { HoldsWriters = options.HoldsWriters };
        Queue = new WorkQueue(limits.InFlight, limits.Waiting, Output);
        _runner = runner(this);
        _mayGoOn = () => Volatile.Read(ref _tickDue)
            || (_leaving ? _runner.HasEnded
                : _ending ? IsFinished || Queue.Count > 0
                : IsCanceled || (_complete ? IsFinished : !Queue.IsBackedUp));
        if (options.Timeout is { } timeout)
        {
            _timeout = Guarded.Timer(TimeIsOver, Fail);
            _timeout.Change(timeout, Timeout.InfiniteTimeSpan);
        }

        LiveCalls.Add(this);
    }

    /// <summary>Opens a call without a pipeline thread, see <see cref="CallOptions.Detached"/>.</summary>
    /// <param name="options">How it treats its items.</param>
    /// <param name="runner">Makes what runs the items.</param>
    /// <param name="failed">Told when something fails that all items stand on. Then those that run are stopped.</param>
    /// <param name="caller">Who waits for all of it, or null.</param>
    public static ConcurrentCall OpenDetached(
        CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, Action<Exception> failed, CallerLink? caller = null)
    {
        ConcurrentCall? call = null;

        // What belongs to no item: most of it nobody would know what to do with, but a failure is that of all.
        return call = new ConcurrentCall(options with { Detached = true }, runner, record =>
        {
            if (record.Kind == StreamKind.Fatal)
            {
                failed((Exception)record.Data!);
                _ = Task.Run(call!.Stop);
            }
        }) { Caller = caller };
    }

    /// <summary>A number unique in the process.</summary>
    public long Id { get; } = LiveCalls.NextId();

    /// <summary>Since when the call is open, as a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long OpenedAt { get; } = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>How the call treats its items.</summary>
    public CallOptions Options { get; }

    /// <summary>What the code belongs to that has opened the call, and with it what the items run.</summary>
    public AmbientScope? Scope { get; }

    /// <summary>
    /// The session that the call comes from: that of the caller, or where a worker is the caller, that of the worker's call.
    /// </summary>
    public System.Management.Automation.Runspaces.Runspace? Home { get; }

    /// <summary>The strand that waits for the call; null for one in the background, which nobody need wait for.</summary>
    public CallerLink? Caller { get; init; }

    /// <summary>The items that wait.</summary>
    public WorkQueue Queue { get; }

    /// <summary>The records that wait to be written.</summary>
    public OutputBuffer Output { get; }

    /// <summary>What items wait for outside any worker, each for a task.</summary>
    public PendingOutputs Pending { get; }

    /// <summary>
    /// Canceled when the items are to end: the call is stopped, its time is over, or an item has failed that the others stand on.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>How many items were added.</summary>
    public long Added => Volatile.Read(ref _added);

    /// <summary>How many items have ended.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>How many of them have failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Has something done on the pipeline thread from time to time, as long as the call lasts and the thread is here.</summary>
    public void Every(TimeSpan period, Action action)
    {
        _tick = action;
        _clock = Guarded.Timer(TickIsDue);
        _clock.Change(period, period);
    }

    /// <summary>Adds an item if there is room for it, without waiting or writing. Any thread, one at a time.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What it means to those who run it, or null.</param>
    /// <param name="origin">Who is to know how it ends, or null.</param>
    public bool TryAdd(object? input, object? work = null, IItemOrigin? origin = null)
    {
        if (Queue.IsFull)
        {
            return false;
        }

        WorkItem item = Note(input, work, origin);
        if (Queue.TryAdd(item))
        {
            _runner.Added();
        }
        else
        {
            // The call is being ended.
            item.End(stopped: true);
        }

        return true;
    }

    /// <summary>Adds an item; while there is no room for it, writes what the others produce. Pipeline thread only.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What it means to those who run it, or null.</param>
    public void Add(object? input, object? work = null)
    {
        // Looking for output at every short item would cost as much as the item.
        if (!Queue.IsInBatches || _added % 16 == 0)
        {
            Pump();
        }

        WorkItem item = Note(input, work);
        while (!Queue.TryAdd(item))
        {
            if (IsCanceled)
            {
                Drop(item);
                EndCanceled();
            }

            try
            {
                WaitAndPump();
            }
            catch
            {
                // It is counted, and whoever ends the call waits for all that are.
                Finish(item, interrupted: true);
                throw;
            }
        }

        _runner.Added();
    }

    /// <summary>Starts an item of a detached call: it holds nothing until it has its permits. Any thread, one at a time.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What it means to those who run it, or null.</param>
    /// <param name="sink">Where its records go.</param>
    /// <param name="outer">The item of another call that it is an attempt at, or null.</param>
    /// <param name="index">Its position in the input, where that is not the order in which items are started.</param>
    public WorkItem Start(object? input, object? work, IItemSink sink, WorkItem? outer = null, long? index = null)
    {
        WorkItem item = Note(input, work, sink: sink, outer: outer, index: index);
        Queue.Reserve();
        item.Submit();
        return item;
    }

    /// <summary>Writes what is there to be written, without waiting. Pipeline thread only.</summary>
    public void Pump()
    {
        while (Output.TryRead(out StreamRecord record))
        {
            Accept(record);
        }

        if (Volatile.Read(ref _tickDue))
        {
            Volatile.Write(ref _tickDue, false);
            _tick!();
        }
    }

    /// <summary>No more input: writes what comes until every item has ended. Pipeline thread only.</summary>
    public void RunToEnd()
    {
        Volatile.Write(ref _complete, true);
        while (!IsFinished)
        {
            if (IsCanceled)
            {
                EndCanceled();
            }

            WaitAndPump();
        }

        Pump();
        if (IsCanceled)
        {
            EndCanceled();
        }

        Queue.Close();
        _leaving = true;
        while (!_runner.HasEnded)
        {
            WaitAndPump();
        }

        Pump();
    }

    /// <summary>No more input, and no pipeline thread either: takes the next record as soon as there is one. One reader.</summary>
    /// <returns>Null when every item has ended.</returns>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask<StreamRecord?> ReadToEndAsync()
    {
        Volatile.Write(ref _complete, true);
        return Output.ReadAsync(_mayGoOn);
    }

    /// <summary>Says that an item has ended.</summary>
    /// <param name="item">The item.</param>
    /// <param name="interrupted">Whether it was stopped for a reason that lies in the call, not in the item.</param>
    public void Finish(WorkItem item, bool interrupted)
    {
        if (interrupted)
        {
            item.Origin?.Return(item.HasStarted);
        }
        else if (item.Failed || item.State is { IsTimedOut: true })
        {
            item.Origin?.Fail(item.LastError);
        }
        else
        {
            item.Origin?.Finish();
        }

        ForgetAside(item);
        if (item.Failed)
        {
            Interlocked.Increment(ref _failed);
        }

        if (_window is null)
        {
            Finish();
        }
        else
        {
            _ = FinishInOrderAsync(item);
        }
    }

    /// <summary>Has an item that was put aside run again.</summary>
    public void Resume(WorkItem item)
    {
        Queue.Resume(item);
        if (Queue.IsAbandoned)
        {
            EndResumed();
        }

        _runner.Added();
    }

    /// <summary>Something failed that every item stands on: the error ends the call.</summary>
    public void Fail(Exception error) => _ = FailAsync(error);

    /// <summary>As <see cref="Fail"/>, for an item that is not to end before the call knows.</summary>
    public Task FailAsync(Exception error)
    {
        var failure = new StreamRecord(null, StreamKind.Fatal, error);
        if (!Options.Detached)
        {
            return TryWriteAsync(failure);
        }

        _write(failure);
        return Task.CompletedTask;
    }

    /// <summary>Takes a record that belongs to no item; waits while the way to the pipeline thread is full.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(in StreamRecord record)
    {
        if (Options.Detached)
        {
            _write(record);
        }
        else
        {
            Output.Write(record);
        }
    }

    private bool IsFinished => !Volatile.Read(ref _feeding) && AllHaveEnded();

    private WorkItem Note(
        object? input,
        object? work = null,
        IItemOrigin? origin = null,
        IItemSink? sink = null,
        WorkItem? outer = null,
        long? index = null)
    {
        var item = new WorkItem(this, outer?.Index ?? index ?? _added, input) { Work = work, Origin = origin, Sink = sink, Outer = outer };
        _window?.Add(item);
        Volatile.Write(ref _added, _added + 1);
        return item;
    }

    private async Task FinishInOrderAsync(WorkItem item)
    {
        await TryWriteAsync(new StreamRecord(item, StreamKind.Completed, null)).ConfigureAwait(false);
        Finish();
    }

    private void Finish()
    {
        long finished = Interlocked.Increment(ref _finished);
        Queue.Release();
        LiveCalls.SomethingEnded();
        Volatile.Read(ref _feedSignal)?.Recheck();
        if (Volatile.Read(ref _complete) && finished == Volatile.Read(ref _added))
        {
            Output.WakeUp();
        }
    }

    private async Task TryWriteAsync(StreamRecord record)
    {
        try
        {
            await Output.WriteAsync(record).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped: nobody waits for the record.
        }
    }

    private void TickIsDue()
    {
        Volatile.Write(ref _tickDue, true);
        Output.WakeUp();
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
