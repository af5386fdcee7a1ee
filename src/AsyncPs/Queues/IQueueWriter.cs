namespace AsyncPs.Queues;

/// <summary>Somebody who writes to a queue. One thread at a time.</summary>
internal interface IQueueWriter
{
    /// <summary>Writes without waiting.</summary>
    WriteOutcome WriteNow(object? value, double priority);

    /// <summary>Looks for room, or the end, for a moment.</summary>
    /// <returns>Whether a write is worth a try.</returns>
    bool SpinForRoom();

    /// <summary>Writes; waits while there is no room, if that is to be waited for.</summary>
    ValueTask<WriteOutcome> WriteOrWaitAsync(object? value, double priority, CancellationToken cancellationToken);

    /// <summary>Waits until it is known what has become of everything that was written. Default: it is.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>Takes what has come of writes since: an answer to one, or why one has failed. Default: nothing comes.</summary>
    /// <param name="answer">The answer, where there is no error.</param>
    /// <param name="error">The error, or null.</param>
    /// <returns>False when there is nothing.</returns>
    bool TryTake(out object? answer, out ErrorRecord? error)
    {
        answer = null;
        error = null;
        return false;
    }

    /// <summary>Writes no more: what has not been written yet need not be known about. Default: nothing is left.</summary>
    void Close()
    {
    }
}
