namespace AsyncPs.Concurrency;

/// <summary>Receives the records and the progress of one item where there is no pipeline thread to write them. Any thread.</summary>
internal interface IItemSink
{
    /// <summary>Whether records of a stopped item are still read. Default: no.</summary>
    bool OutlivesStop => false;

    /// <summary>The display name of the item for inspection, without secrets; null if it has no name. Default: none.</summary>
    string? Name => null;

    /// <summary>The item has started.</summary>
    void Started();

    /// <summary>The worker no longer runs the item: it has ended, or waits for something that it wrote.</summary>
    void Left()
    {
    }

    /// <summary>
    /// Adds an error of the item, which is being stopped because of another failure, to the errors that are reported with that failure.
    /// </summary>
    /// <returns>False if nothing else has failed.</returns>
    bool TryAddFailure(ErrorRecord error) => false;

    /// <summary>Writes a record; blocks the calling thread while there is no room.</summary>
    /// <exception cref="OperationCanceledException">The item was canceled.</exception>
    void Write(in StreamRecord record);

    /// <summary>Writes a record without blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The item was canceled.</exception>
    ValueTask WriteAsync(StreamRecord record);

    /// <summary>The item has ended and writes nothing more.</summary>
    void Ended(ConcurrentStatus status);
}
