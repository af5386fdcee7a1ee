using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// One unit of work of a call: its input, the destination of its records, and its progress. The item owns all of its state. A worker or
/// an asynchronous loop that runs it owns none, so an item can be put aside and resumed elsewhere.
/// </summary>
internal sealed class WorkItem(ConcurrentCall call, long index, object? input) : Strand
{
    [ThreadStatic]
    private static WorkItem? _current;

    private bool _failed;

    /// <summary>The item whose block runs on this thread, or null.</summary>
    public static new WorkItem? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>The call the item belongs to.</summary>
    public ConcurrentCall Call { get; } = call;

    /// <summary>The position of the item in its call's input, from zero.</summary>
    public long Index { get; } = index;

    /// <summary>The input object, or null when the call has no input.</summary>
    public object? Input { get; } = input;

    /// <summary>What the runner makes of the input object, or null when the object is enough.</summary>
    public object? Work { get; init; }

    /// <summary>Told how the item ends, or null.</summary>
    public IItemOrigin? Origin { get; init; }

    /// <summary>Whether the item has been started.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Receives its records instead of the call's pipeline thread, or null.</summary>
    public IItemSink? Sink { get; init; }

    /// <summary>The item of another call that this one is an attempt at, or null.</summary>
    public WorkItem? Outer { get; init; }

    /// <summary>State that only items of some calls need, or null: most items of most calls do without.</summary>
    public ItemState? State { get; private set; }

    /// <summary>The tasks and streams that the item's block has written and that are awaited, or null.</summary>
    public AwaitedOutput? Awaited { get; private set; }

    /// <summary>The item's block while it is suspended, otherwise null.</summary>
    public IPausedBlock? Paused { get; set; }

    /// <summary>Whether the item must end at once: it has timed out, or it or its call was canceled.</summary>
    public bool MustEnd => Call.CancellationToken.IsCancellationRequested || State is { IsCanceled: true } or { IsTimeOver: true };

    /// <summary>Whether the item has written an error.</summary>
    public bool Failed => Volatile.Read(ref _failed);

    /// <summary>The last error that it has written, if its origin is notified of its outcome.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The error that has ended the item early, or null: the last error that it wrote.</summary>
    public ErrorRecord? EndedBy { get; private set; }

    /// <summary>The last error of a task or stream that the item wrote to have it awaited, or null.</summary>
    public ErrorRecord? AwaitError { get; private set; }

    /// <summary>Records held back until the items before this one are written. Used by the pipeline thread only.</summary>
    public List<StreamRecord>? Held { get; set; }

    /// <summary>Whether the pipeline thread has seen the last record of this item. Used by the pipeline thread only.</summary>
    public bool Finished { get; set; }

    /// <summary>Whether the call has registered it as put aside, now or earlier.</summary>
    public bool IsAside { get; set; }

    /// <inheritdoc/>
    public override bool Holds(object resource)
        => resource == Call || resource == Work || resource == Sink || resource == Input || HasPermitOf(resource)
            || Origin?.Sources.Contains(resource) == true;

    /// <inheritdoc/>
    public override bool HasPermitOf(object resource) => State?.Permit?.IsOf(resource) == true;

    /// <inheritdoc/>
    public override void AddCallers(List<CallerLink> callers)
    {
        if (Call.Caller is { } caller)
        {
            callers.Add(caller);
        }

        if (Call.Scope?.Owner is { } owner)
        {
            callers.Add(owner);
        }

        if (Outer is not null)
        {
            callers.Add(CallerLink.All(Outer));
        }
    }

    /// <inheritdoc/>
    public override void AddResources(in CallerLink link, List<object> resources)
    {
        base.AddResources(link, resources);
        resources.AddRange(new[] { Call, Work, Sink, Input }.OfType<object>());
        resources.AddRange(Origin?.Sources ?? []);
    }

    /// <summary>Starts an attempt. Called by the consumer that took the item from the queue.</summary>
    /// <returns>False if it has to wait for something first: it is put aside, and returns to the queue automatically.</returns>
    public bool TryStart()
    {
        if (Call.NeedsState && !(State ??= new ItemState(this)).TryStart())
        {
            return false;
        }

        HasStarted = true;
        return true;
    }

    /// <summary>Notes that nothing but a place and a worker is missing to it. Only where that is measured.</summary>
    public void NoteReady() => (State ??= new ItemState(this)).NoteReady();

    /// <summary>
    /// Takes the permits that the item needs; it returns to the queue once it has them. An item that will be refused needs none.
    /// </summary>
    public void Submit()
    {
        State = new ItemState(this);
        State.NoteAsker();
        if (Call.Options.CircuitBreaker?.Refusal is not null || State.TryTakePermits())
        {
            Call.Resume(this);
        }
    }

    /// <summary>Lets the item run without the permits that it waits for.</summary>
    public void RunNow()
    {
        if (State!.Permit?.TryWaive() == true)
        {
            Call.Resume(this);
        }
    }

    /// <summary>Cancels this item alone, wherever it is. Any thread; returns at once.</summary>
    public void Cancel() => State!.Cancel();

    /// <summary>Discards what it has written, because it is retried.</summary>
    public void Forget()
    {
        Volatile.Write(ref _failed, false);
        EndedBy = null;
        AwaitError = null;
        Awaited = null;
    }

    /// <summary>Writes the error that ends the item; waits as <see cref="Write"/> does.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Fail(Exception exception)
    {
        EndedBy = ItemErrors.FromException(exception, this);
        Write(StreamKind.Error, EndedBy);
    }

    /// <summary>Writes the error that ends the item, without blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask FailAsync(Exception exception)
    {
        EndedBy = ItemErrors.FromException(exception, this);
        return WriteAsync(StreamKind.Error, EndedBy);
    }

    /// <summary>
    /// Adds an error to those that are reported together, if one failure ends all items. The item has failed while it was being stopped
    /// because of another failure.
    /// </summary>
    /// <returns>False if a failure of the item ends only the item.</returns>
    public bool TryAddFailure(ErrorRecord error) => Call.TryAddFailure(error, this) || Sink?.TryAddFailure(error) == true;

    /// <summary>Writes an error of a finally block that runs because the item was stopped.</summary>
    /// <returns>False when the item's output is no longer read.</returns>
    public bool TryFailCleanUp(ErrorRecord error)
    {
        if (!(Sink?.OutlivesStop ?? !Call.IsStopped))
        {
            return false;
        }

        if (TryAddFailure(error))
        {
            return true;
        }

        try
        {
            Write(StreamKind.Error, error);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Writes the error of something that was awaited, without blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask FailAwaitAsync(Exception exception)
    {
        AwaitError = ItemErrors.FromException(exception, this);
        return WriteAsync(StreamKind.Error, AwaitError);
    }

    /// <summary>Writes a record. Blocks while the buffer to the pipeline thread is full.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(StreamKind kind, object? data)
    {
        StreamRecord record = Note(kind, data);
        if (kind == StreamKind.Output && Call.Options.Awaits && TryAwait(data))
        {
            return;
        }

        if (State?.TryKeep(record) != true)
        {
            Send(record);
        }
    }

    /// <summary>Writes a record without blocking a thread, and without awaiting its object.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask WriteAsync(StreamKind kind, object? data)
    {
        StreamRecord record = Note(kind, data);
        return State?.TryKeep(record) == true ? default : SendAsync(record);
    }

    /// <summary>Sends a record on without keeping it.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask SendAsync(StreamRecord record) => Sink?.WriteAsync(record) ?? Call.Output.WriteAsync(record);

    /// <summary>Notes that the item no longer runs. It has ended, unless something that it wrote is still awaited.</summary>
    /// <param name="stopped">Whether it was stopped before its end.</param>
    public void End(bool stopped)
    {
        Sink?.Left();
        if (Awaited is null)
        {
            EndAttempt(stopped);
        }
        else
        {
            Awaited.BlockEnded(stopped);
        }
    }

    /// <summary>Ends an item that was taken from the queue and stopped before it ran.</summary>
    public void EndUnstarted()
    {
        if (Call.Options.NeedsState)
        {
            State ??= new ItemState(this);
        }

        End(stopped: true);
    }

    /// <summary>Ends an attempt and all that it wrote. The item ends with it, unless it is retried.</summary>
    /// <param name="stopped">Whether it was stopped before its end.</param>
    public void EndAttempt(bool stopped)
    {
        if (State is null)
        {
            Call.Finish(this, stopped);
        }
        else
        {
            State.EndAttempt(stopped);
        }
    }

    private void Send(in StreamRecord record)
    {
        if (Sink is null)
        {
            Call.Output.Write(record);
        }
        else
        {
            Sink.Write(record);
        }
    }

    private StreamRecord Note(StreamKind kind, object? data)
    {
        if (kind == StreamKind.Error)
        {
            Volatile.Write(ref _failed, true);
            LastError = Origin is null ? null : data as ErrorRecord;
        }

        return new StreamRecord(this, kind, data);
    }

    // What is written after an awaited object comes after that object's result.
    private bool TryAwait(object? data)
    {
        if (Awaited?.TryWrite(data) == true)
        {
            return true;
        }

        if (!Awaitables.IsAwaitable(data, out object? awaitable))
        {
            return false;
        }

        if (awaitable is Task { IsCompletedSuccessfully: true } task)
        {
            foreach (object? result in TaskResults.Get(task))
            {
                Write(StreamKind.Output, result);
            }

            return true;
        }

        Awaited ??= new AwaitedOutput(this);
        Awaited.Start(awaitable);
        return true;
    }
}
