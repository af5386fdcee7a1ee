namespace AsyncPs.Concurrency;

/// <summary>
/// One unit of work of a call: what goes in, where its records go, and how far it has come.
/// The item owns all of its state. Whoever runs it (a worker, an asynchronous loop) owns none of it, so an item can be
/// put aside and resumed elsewhere.
/// </summary>
internal sealed class WorkItem(ConcurrentCall call, long index, object? input)
{
    /// <summary>The call the item belongs to.</summary>
    public ConcurrentCall Call { get; } = call;

    /// <summary>The position of the item in its call's input, from zero.</summary>
    public long Index { get; } = index;

    /// <summary>The input object, or null when the call has no input.</summary>
    public object? Input { get; } = input;

    /// <summary>Records kept back until the items before this one are written. Touched by the pipeline thread only.</summary>
    public List<StreamRecord>? Held { get; set; }

    /// <summary>Whether the pipeline thread has seen the last record of this item. Touched by the pipeline thread only.</summary>
    public bool Finished { get; set; }

    /// <summary>Hands a record to the pipeline thread; waits while the output buffer is full.</summary>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public void Write(StreamKind kind, object? data) => Call.Output.Write(new StreamRecord(this, kind, data));

    /// <summary>Says that the item has ended, in whatever way. Called exactly once.</summary>
    public void Complete() => Call.Finish(this);
}
