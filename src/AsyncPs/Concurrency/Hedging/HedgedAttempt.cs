namespace AsyncPs.Concurrency.Hedging;

/// <summary>One of the attempts at an item: keeps what it writes until it is known whether it counts.</summary>
/// <param name="outer">The item that it is an attempt at, or null where there is none.</param>
/// <param name="work">What is to be done, or null.</param>
internal sealed class HedgedAttempt(WorkItem? outer, object? work) : IItemSink
{
    private readonly List<StreamRecord> _records = [];
    private readonly TaskCompletionSource<ConcurrentStatus> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is to be done, as far as it has come.</summary>
    public object? Work { get; } = work;

    /// <summary>Ends with the attempt.</summary>
    public Task<ConcurrentStatus> End => _end.Task;

    /// <summary>What it has written, in order. Only after its end.</summary>
    public IReadOnlyList<StreamRecord> Records => _records;

    /// <summary>The error that has ended it, or of what it awaited; or null.</summary>
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
        // A question waits for its answer.
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
