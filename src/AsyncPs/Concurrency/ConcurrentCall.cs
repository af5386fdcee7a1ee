using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Measuring;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// A scope in which items run concurrently under a limit, like asyncio's task group. It ends only when all items have ended. The
/// thread that owns it, the pipeline thread, adds items and writes their output. Nothing in it is unbounded.
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
    private readonly bool _needsState;
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
    /// <param name="runner">Creates the runner of the items.</param>
    /// <param name="write">Writes one record to the pipeline; called on the pipeline thread only.</param>
    public ConcurrentCall(CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, Action<StreamRecord> write)
    {
        Options = options;
        Span = CallSpans.Begin(options, Id);
        _needsState = options.NeedsState || Span is not null;
        Scope = AmbientScope.Current;
        Home = WorkItem.Current?.Call.Home ?? System.Management.Automation.Runspaces.Runspace.DefaultRunspace;
        CancellationToken = _cancel.Token;
        Pending = new PendingOutputs(CancellationToken);
        _write = write;
        CallLimits limits = options.Limits;
        _window = options.Ordered ? new ReorderWindow(limits.ReorderWindow) : null;
        Output = new OutputBuffer(limits.Output, _window, _stop.Token)
        {
            HoldsWriters = options.HoldsWriters,
            Statistics = options.Statistics,
        };
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
    /// <param name="runner">Creates the runner of the items.</param>
    /// <param name="failed">Called when something fails that all items depend on. Running items are then stopped.</param>
    /// <param name="caller">The caller that waits for all of it, or null.</param>
    public static ConcurrentCall OpenDetached(
        CallOptions options, Func<ConcurrentCall, IWorkRunner> runner, Action<Exception> failed, CallerLink? caller = null)
    {
        ConcurrentCall? call = null;

        // Records without an item: a failure ends the call; the rest has no reader.
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

    /// <summary>The span of the call; null without a listener, or if it has none.</summary>
    public System.Diagnostics.Activity? Span { get; }

    /// <summary>Whether an item needs an <see cref="ItemState"/> from its start.</summary>
    public bool NeedsState => _needsState;

    /// <summary>The scope of the code that opened the call, which its items inherit.</summary>
    public AmbientScope? Scope { get; }

    /// <summary>
    /// The session that the call comes from: the caller's, or, if the caller is a worker, the session of the worker's call.
    /// </summary>
    public System.Management.Automation.Runspaces.Runspace? Home { get; }

    /// <summary>The strand that waits for the call; null for a call in the background.</summary>
    public CallerLink? Caller { get; init; }

    /// <summary>The items that wait.</summary>
    public WorkQueue Queue { get; }

    /// <summary>The records that wait to be written.</summary>
    public OutputBuffer Output { get; }

    /// <summary>The items that wait for a task outside any worker.</summary>
    public PendingOutputs Pending { get; }

    /// <summary>
    /// Canceled when the items are to end: the call is stopped or times out, or an item that the others depend on has failed.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>How many items were added.</summary>
    public long Added => Volatile.Read(ref _added);

    /// <summary>How many items have ended.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>How many of them have failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Runs an action on the pipeline thread at intervals, as long as the call lasts and the thread is in it.</summary>
    public void Every(TimeSpan period, Action action)
    {
        _tick = action;
        _clock = Guarded.Timer(TickIsDue);
        _clock.Change(period, period);
    }

    /// <summary>Adds an item if there is room for it, without waiting or writing. Any thread, one at a time.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What the runner makes of it, or null.</param>
    /// <param name="origin">Told how the item ends, or null.</param>
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
            // The call is ending.
            item.End(stopped: true);
        }

        return true;
    }

    /// <summary>Adds an item; while there is no room, writes the output of the others. Pipeline thread only.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What the runner makes of it, or null.</param>
    public void Add(object? input, object? work = null)
    {
        NoteInput();

        // To look for output at every short item would cost as much as the item.
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
                // The item is already counted, and the end of the call waits for every counted item.
                Finish(item, interrupted: true);
                throw;
            }
        }

        _runner.Added();
        NoteLeft();
    }

    /// <summary>Starts an item of a detached call: it holds nothing until it has its permits. Any thread, one at a time.</summary>
    /// <param name="input">The input object.</param>
    /// <param name="work">What the runner makes of it, or null.</param>
    /// <param name="sink">Where its records go.</param>
    /// <param name="outer">The item of another call that this is an attempt at, or null.</param>
    /// <param name="index">Its position in the input, if items do not start in input order.</param>
    public WorkItem Start(object? input, object? work, IItemSink sink, WorkItem? outer = null, long? index = null)
    {
        WorkItem item = Note(input, work, sink: sink, outer: outer, index: index);
        Queue.Reserve();
        item.Submit();
        return item;
    }

    /// <summary>Writes the records that are ready, without waiting. Pipeline thread only.</summary>
    public void Pump()
    {
        if (Output.TryRead(out StreamRecord record))
        {
            using var time = new MeasuredTime(Options.Statistics?.Output);
            do
            {
                Accept(record);
            }
            while (Output.TryRead(out record));
        }

        if (Volatile.Read(ref _tickDue))
        {
            Volatile.Write(ref _tickDue, false);
            _tick!();
        }
    }

    /// <summary>Ends the input and writes records until every item has ended. Pipeline thread only.</summary>
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

        Queue.Complete();
        _leaving = true;
        while (!_runner.HasEnded)
        {
            WaitAndPump();
        }

        Pump();
    }

    /// <summary>No more input; <see cref="RunToEnd"/> follows.</summary>
    public void Complete() => Volatile.Write(ref _complete, true);

    /// <summary>Whether an item may still write something; false if the call ends before its items.</summary>
    public bool IsRunning => !IsFinished && !IsCanceled && !IsStopped;

    /// <summary>
    /// Completes when there is something to write, there is room for another item, or the call is over. For a pipeline thread that does
    /// something else in the meantime; it then calls <see cref="Pump"/>.
    /// </summary>
    public Task WhenMayGoOnAsync() => Output.WhenRecordAsync(_mayGoOn);

    /// <summary>Ends the input of a call without a pipeline thread and waits for the next record. One reader.</summary>
    /// <returns>Null when every item has ended.</returns>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask<StreamRecord?> ReadToEndAsync()
    {
        Volatile.Write(ref _complete, true);
        return Output.ReadAsync(_mayGoOn);
    }

    /// <summary>Queues an item again that was put aside.</summary>
    public void Resume(WorkItem item)
    {
        if (Options.Statistics is not null)
        {
            item.NoteReady();
        }

        Queue.Resume(item);
        if (Queue.IsAbandoned)
        {
            EndResumed();
        }

        _runner.Added();
    }

    /// <summary>Ends the call with an error, because something that every item depends on has failed.</summary>
    public void Fail(Exception error) => _ = FailAsync(error);

    /// <summary>As <see cref="Fail"/>, for an item that must not end before the call knows.</summary>
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

    /// <summary>Writes a record that belongs to no item. Blocks while the buffer to the pipeline thread is full.</summary>
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
        if (Options.Statistics is not null && !Options.Detached)
        {
            item.NoteReady();
        }

        _window?.Add(item);
        Volatile.Write(ref _added, _added + 1);
        return item;
    }

    private async Task TryWriteAsync(StreamRecord record)
    {
        try
        {
            await Output.WriteAsync(record).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The call is being stopped, so the record has no reader.
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
