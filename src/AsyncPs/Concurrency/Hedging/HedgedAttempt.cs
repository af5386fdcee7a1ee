namespace AsyncPs.Concurrency.Hedging;

/// <summary>One of several attempts at an item. It keeps its output until it is known whether the attempt counts.</summary>
/// <param name="outer">The item that it is an attempt at, or null if there is none.</param>
/// <param name="work">The work, or null.</param>
internal sealed class HedgedAttempt(WorkItem? outer, object? work) : IItemSink
{
    private readonly List<StreamRecord> _records = [];
    private readonly TaskCompletionSource<ConcurrentStatus> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The work, with the progress that this attempt has made.</summary>
    public object? Work { get; } = work;

    /// <summary>Completes with the attempt.</summary>
    public Task<ConcurrentStatus> End => _end.Task;

    /// <summary>The records it wrote, in order. Complete only after its end.</summary>
    public IReadOnlyList<StreamRecord> Records => _records;

    /// <summary>The error that ended it, or that ended what it awaited; or null.</summary>
    public ErrorRecord? EndedBy { get; set; }

    /// <inheritdoc/>
    bool IItemSink.OutlivesStop => false;

    /// <inheritdoc/>
    void IItemSink.Started()
    {
    }

    /// <inheritdoc/>
    void IItemSink.Write(in StreamRecord record) => Add(record);

    /// <inheritdoc/>
    ValueTask IItemSink.WriteAsync(StreamRecord record)
    {
        // The item waits for the answer.
        if (record.Kind == StreamKind.PipelineCall)
        {
            return outer!.SendAsync(record with { Item = outer });
        }

        Add(record);
        return default;
    }

    /// <inheritdoc/>
    void IItemSink.Ended(ConcurrentStatus status) => _end.TrySetResult(status);

    private void Add(in StreamRecord record)
    {
        lock (_records)
        {
            _records.Add(record);
        }
    }
}
