namespace AsyncPs.Queues;

/// <content>The end of a queue, and its counters.</content>
public sealed partial class AsyncQueue
{
    private TaskCompletionSource? _allDone;
    private long _entered;
    private long _finished;
    private long _dropped;
    private bool _completed;
    private bool _completesWhenDone;

    /// <summary>How many items wait to be read.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>How many items readers hold: handed out, and neither done nor returned.</summary>
    public long InFlight
    {
        get
        {
            lock (_lock)
            {
                return Unfinished - _items.Count;
            }
        }
    }

    /// <summary>How many items are done, including those that <see cref="Clear"/> removed.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>How many items were dropped because the queue was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>How many readers wait for an item.</summary>
    public int WaitingReaders
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>How many writers wait for room.</summary>
    public int WaitingWriters
    {
        get
        {
            lock (_lock)
            {
                return _writers.Count;
            }
        }
    }

    /// <summary>Whether the queue takes no more items.</summary>
    public bool IsCompleted => Volatile.Read(ref _completed);

    /// <summary>The error that the queue was completed with, or null.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The state of the queue.</summary>
    public AsyncQueueState State
    {
        get
        {
            lock (_lock)
            {
                return !_completed ? AsyncQueueState.Open
                    : _items.Count > 0 ? AsyncQueueState.Completed
                    : Error is not null ? AsyncQueueState.Failed
                    : AsyncQueueState.Ended;
            }
        }
    }

    /// <summary>
    /// Ends the queue: no more items can be written, waiting writers fail, and readers end once they have read the rest (asyncio's
    /// <c>shutdown()</c>). Completing it again changes nothing.
    /// </summary>
    /// <param name="error">The error that readers get after the last item, or null for a normal end.</param>
    public void Complete(Exception? error = null)
    {
        lock (_lock)
        {
            CompleteUnderLock(error);
        }
    }

    /// <summary>
    /// Completes the queue as soon as all items are done, or at once if they are. For consumers that write to their own queue.
    /// </summary>
    public void CompleteWhenDone()
    {
        lock (_lock)
        {
            _completesWhenDone = true;
            EndIfDone();
        }
    }

    private Task AllDone()
    {
        lock (_lock)
        {
            if (Unfinished == 0)
            {
                return Task.CompletedTask;
            }

            _allDone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _allDone.Task;
        }
    }

    // Under the lock. Exact for a reader that finishes an item, because no other reader can finish the same one.
    private long Unfinished => _entered - Volatile.Read(ref _finished);

    /// <summary>Notes that a reader is done with one or more items.</summary>
    /// <remarks>
    /// It takes no lock, which readers and writers share, unless all items may be done: the reader that finishes the last item sees that.
    /// </remarks>
    internal void Finish(int count = 1)
    {
        if (Interlocked.Add(ref _finished, count) < Volatile.Read(ref _entered))
        {
            return;
        }

        lock (_lock)
        {
            EndIfDone();
        }
    }

    private void EndIfDone()
    {
        if (Unfinished > 0)
        {
            return;
        }

        _allDone?.SetResult();
        _allDone = null;
        if (_completesWhenDone)
        {
            CompleteUnderLock(error: null);
        }
    }

    private void CompleteUnderLock(Exception? error)
    {
        if (_completed)
        {
            return;
        }

        Error = error;
        Volatile.Write(ref _completed, true);
        while (Waiter<WriteOutcome>.Next(_writers) is { } writer)
        {
            writer.Serve(WriteOutcome.Completed);
        }

        while (Waiter<ReadResult>.Next(_readers) is { } reader)
        {
            reader.Serve(new ReadResult(ReadOutcome.Ended, default));
        }
    }
}
