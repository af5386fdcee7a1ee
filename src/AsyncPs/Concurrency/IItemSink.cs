namespace AsyncPs.Concurrency;

/// <summary>Takes what one item writes and hears how it gets on, where there is no pipeline thread to write its records. Any thread.</summary>
internal interface IItemSink
{
    /// <summary>Whether somebody takes what the item writes though it was stopped. Default: no.</summary>
    bool OutlivesStop => false;

    /// <summary>The item runs from now on.</summary>
    void Started();

    /// <summary>What ran the item has let go of it, at its end or until something it wrote has ended.</summary>
    void Left()
    {
    }

    /// <summary>Takes a record; the calling thread waits while there is no room for it.</summary>
    /// <exception cref="OperationCanceledException">The item was canceled.</exception>
    void Write(in StreamRecord record);

    /// <summary>Takes a record without ever blocking a thread.</summary>
    /// <exception cref="OperationCanceledException">The item was canceled.</exception>
    ValueTask WriteAsync(StreamRecord record);

    /// <summary>The item has ended, and writes nothing more.</summary>
    void Ended(ConcurrentStatus status);
}
