using AsyncPs.Concurrency.Awaiting;
using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Concurrency;

/// <summary>
/// One unit of work of a call: what goes in, where its records go, and how far it has come.
/// The item owns all of its state. Whoever runs it (a worker, an asynchronous loop) owns none of it, so an item can be
/// put aside and resumed elsewhere.
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

    /// <summary>What the input object means to those who run it, or null when it is all they need.</summary>
    public object? Work { get; init; }

    /// <summary>Who is to know how the item ends, or null.</summary>
    public IItemOrigin? Origin { get; init; }

    /// <summary>Whether somebody has begun to run the item.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Where its records go instead of to the call's pipeline thread, or null.</summary>
    public IItemSink? Sink { get; init; }

    /// <summary>The item of another call that this one is an attempt at, or null.</summary>
    public WorkItem? Outer { get; init; }

    /// <summary>What only items of some calls need, or null: most items of most calls do without.</summary>
    public ItemState? State { get; private set; }

    /// <summary>What the item's block has written and is awaited, or null if there was nothing of the kind.</summary>
    public AwaitedOutput? Awaited { get; private set; }

    /// <summary>The item's block, if it waits in its middle; else null.</summary>
    public IPausedBlock? Paused { get; set; }

    /// <summary>Whether the item is to end at once: its time is over, or it or its call was canceled.</summary>
    public bool MustEnd => Call.CancellationToken.IsCancellationRequested || State is { IsCanceled: true } or { IsTimeOver: true };

    /// <summary>Whether the item has written an error.</summary>
    public bool Failed => Volatile.Read(ref _failed);

    /// <summary>The last error that it has written, if somebody is to know how it ends.</summary>
    public ErrorRecord? LastError { get; private set; }

    /// <summary>The error that has ended the item before its time, if it was one; the last it has written.</summary>
    public ErrorRecord? EndedBy { get; private set; }

    /// <summary>The error of something the item has written to have it awaited, or null; the last, if there were several.</summary>
    public ErrorRecord? AwaitError { get; private set; }

    /// <summary>Records kept back until the items before this one are written. Touched by the pipeline thread only.</summary>
    public List<StreamRecord>? Held { get; set; }

    /// <summary>Whether the pipeline thread has seen the last record of this item. Touched by the pipeline thread only.</summary>
    public bool Finished { get; set; }

    /// <summary>Whether its call knows it as one that is, or was, in nobody's hands for a while.</summary>
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

    /// <summary>Says that the item runs from now on. Called by whoever took it from the queue, at each attempt.</summary>
    /// <returns>False when it has to wait for something first: it is put aside, and comes back to the queue by itself.</returns>
    public bool TryStart()
    {
        if (Call.Options.NeedsState && !(State ??= new ItemState(this)).TryStart())
        {
            return false;
        }

        HasStarted = true;
        return true;
    }

    /// <summary>
    /// Takes the permits the item needs; it comes to the queue by itself once it has them. What is refused anyway needs none.
    /// </summary>
    public void Submit()
    {
        State = new ItemState(this);
        if (Call.Options.CircuitBreaker?.Refusal is not null || State.TryTakePermits())
        {
            Call.Resume(this);
        }
    }

    /// <summary>Has the item run without the permits it waits for, if it does.</summary>
    public void RunNow()
    {
        if (State!.Permit?.TryWaive() == true)
        {
            Call.Resume(this);
        }
    }

    /// <summary>Ends this item alone, wherever it is. Any thread; returns at once.</summary>
    public void Cancel() => State!.Cancel();

    /// <summary>What it has written before counts no more: it is tried again.</summary>
    public void Forget()
    {
        Volatile.Write(ref _failed, false);
        EndedBy = null;
        AwaitError = null;
        Awaited = null;
    }

    /// <summary>Takes the error that ends the item; waits as <see cref="Write"/> does.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Fail(Exception exception)
    {
        EndedBy = ItemErrors.FromException(exception, this);
        Write(StreamKind.Error, EndedBy);
    }

    /// <summary>Takes the error that ends the item, without ever blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask FailAsync(Exception exception)
    {
        EndedBy = ItemErrors.FromException(exception, this);
        return WriteAsync(StreamKind.Error, EndedBy);
    }

    /// <summary>Takes an error of a finally block that runs because the item was stopped.</summary>
    /// <returns>False when nobody takes what the item writes any more.</returns>
    public bool TryFailCleanUp(ErrorRecord error)
    {
        if (!(Sink?.OutlivesStop ?? !Call.IsStopped))
        {
            return false;
        }

        if (Call.TryAddFailure(error, this))
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

    /// <summary>Takes the error of something that was awaited, without ever blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask FailAwaitAsync(Exception exception)
    {
        AwaitError = ItemErrors.FromException(exception, this);
        return WriteAsync(StreamKind.Error, AwaitError);
    }

    /// <summary>Takes a record; waits while the way to the pipeline thread is full.</summary>
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

    /// <summary>Takes a record without ever blocking a thread, and without awaiting what it carries.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask WriteAsync(StreamKind kind, object? data)
    {
        StreamRecord record = Note(kind, data);
        return State?.TryKeep(record) == true ? default : SendAsync(record);
    }

    /// <summary>Hands a record on, past what is kept.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public ValueTask SendAsync(StreamRecord record) => Sink?.WriteAsync(record) ?? Call.Output.WriteAsync(record);

    /// <summary>Says that what ran the item has let go of it. It has ended, unless something it wrote is still awaited.</summary>
    /// <param name="stopped">Whether it was stopped rather than ran to its end.</param>
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

    /// <summary>An attempt has ended, with everything it wrote; and with it the item, unless it is tried again.</summary>
    /// <param name="stopped">Whether it was stopped rather than ran to its end.</param>
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

    // What is written after something that is awaited comes after its result.
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
