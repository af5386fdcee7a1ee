namespace AsyncPs.Queues;

/// <summary>A writer to a queue. One thread at a time.</summary>
internal interface IQueueWriter
{
    /// <summary>Writes without waiting.</summary>
    WriteOutcome WriteNow(object? value, double priority);

    /// <summary>Spins until there is room, or the queue has ended.</summary>
    /// <returns>Whether a write is worth a try.</returns>
    bool SpinForRoom();

    /// <summary>Writes; waits for room, if the mode of the queue is to wait.</summary>
    ValueTask<WriteOutcome> WriteOrWaitAsync(object? value, double priority, CancellationToken cancellationToken);

    /// <summary>Waits until the outcome of everything that was written is known. Default: it always is.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>Takes the next outcome of earlier writes: an answer or an error. Default: there are none.</summary>
    /// <param name="answer">The answer, if there is no error.</param>
    /// <param name="error">The error, or null.</param>
    /// <returns>False when there is none.</returns>
    bool TryTake(out object? answer, out ErrorRecord? error)
    {
        answer = null;
        error = null;
        return false;
    }

    /// <summary>Ends the writing and drops what is not written yet. Default: nothing is left.</summary>
    void Close()
    {
    }
}
