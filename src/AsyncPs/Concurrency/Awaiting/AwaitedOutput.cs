namespace AsyncPs.Concurrency.Awaiting;

/// <summary>
/// Awaits the output of a block outside any worker, and writes the results in its place. Later output of the block is queued behind it,
/// up to a bound. It ends when nothing is left to await; the item ends when both it and the block have ended.
/// </summary>
/// <remarks>
/// Thousands may wait at a time, and each garbage collection walks all their objects. So the instance is its own lock, and it waits
/// for the first task itself: an asynchronous method that waits for a task or a token needs half a dozen objects.
/// </remarks>
internal sealed class AwaitedOutput(WorkItem item)
{
    private const int Capacity = 64;

    private Queue<object?>? _waiting;
    private Task? _task;
    private bool _running;
    private bool _blockEnded;
    private bool _stopped;

    /// <summary>The item.</summary>
    public WorkItem Item => item;

    /// <summary>When it began to wait for the first task, in milliseconds of <see cref="Environment.TickCount64"/>; 0 before.</summary>
    public long Since { get; private set; }

    /// <summary>Whether it is waiting.</summary>
    public bool IsRunning => Volatile.Read(ref _running);

    /// <summary>Whether something it awaited was canceled.</summary>
    public bool HasCanceled { get; private set; }

    /// <summary>Whether it is in the call's <see cref="PendingOutputs"/>, which also own the next two properties.</summary>
    public bool IsPending { get; set; }

    /// <summary>The previous one in that list.</summary>
    public AwaitedOutput? Previous { get; set; }

    /// <summary>The next one in that list.</summary>
    public AwaitedOutput? Next { get; set; }

    /// <summary>Starts with the first object to await.</summary>
    public void Start(object awaitable)
    {
        lock (this)
        {
            _running = true;
        }

        Since = Environment.TickCount64;
        if (awaitable is Task { IsCompleted: false } task && item.Call.Options.ItemTimeout is null)
        {
            Wait(task);
        }
        else
        {
            item.Call.PutAside(item);
            _ = RunAsync(awaitable);
        }
    }

    /// <summary>Ends the wait because the call ends before the task does.</summary>
    public void Cancel() => End(stopped: true);

    /// <summary>Queues a record behind the awaited output. Blocks the worker's thread while too many are queued.</summary>
    /// <returns>False if nothing is awaited any more, so the caller can write the record directly.</returns>
    public bool TryWrite(object? data)
    {
        lock (this)
        {
            while (_running && _waiting?.Count >= Capacity)
            {
                Monitor.Wait(this);
            }

            if (_running)
            {
                (_waiting ??= new Queue<object?>()).Enqueue(data);
            }

            return _running;
        }
    }

    /// <summary>Notes that the block has ended and writes nothing more.</summary>
    /// <param name="stopped">Whether it was stopped.</param>
    public void BlockEnded(bool stopped)
    {
        lock (this)
        {
            _blockEnded = true;
            _stopped |= stopped;
            if (_running)
            {
                return;
            }
        }

        item.EndAttempt(_stopped);
    }

    private void Wait(Task task)
    {
        _task = task;
        if (item.Call.Pending.TryAdd(this))
        {
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(TaskEnded);
        }
        else
        {
            task.Forget();
            Cancel();
        }
    }

    private void TaskEnded()
    {
        if (item.Call.Pending.Remove(this))
        {
            _ = RunAsync(_task);
        }
        else
        {
            // The failure is observed here because nothing reads it any more.
            _ = _task!.Exception;
        }
    }

    private async Task RunAsync(object? data)
    {
        try
        {
            do
            {
                await WriteResultsAsync(data).ConfigureAwait(false);
            }
            while (TryNext(out data));
        }
        catch (OperationCanceledException)
        {
            End(stopped: true);
        }
    }

    private void End(bool stopped)
    {
        bool ended;
        lock (this)
        {
            _stopped |= stopped;
            _running = false;
            _waiting = null;
            ended = _blockEnded;
            Monitor.PulseAll(this);
        }

        if (ended)
        {
            item.EndAttempt(_stopped);
        }
    }

    // When nothing is left, the item ends if the block has ended. That is one step: the block may end or write at the same time.
    private bool TryNext(out object? data)
    {
        data = null;
        bool ended;
        lock (this)
        {
            if (_waiting?.TryDequeue(out data) == true)
            {
                Monitor.PulseAll(this);
                return true;
            }

            // From here on the block writes directly again, because everything that was awaited has been written.
            _running = false;
            ended = _blockEnded;
        }

        if (ended)
        {
            item.EndAttempt(_stopped);
        }

        return false;
    }

    /// <exception cref="OperationCanceledException">The call was stopped, or the item timed out.</exception>
    private async ValueTask WriteResultsAsync(object? data)
    {
        if (!Awaitables.IsAwaitable(data, out object? awaitable))
        {
            await item.WriteAsync(StreamKind.Output, data).ConfigureAwait(false);
            return;
        }

        try
        {
            if (awaitable is Task task)
            {
                await WaitAsync(task).ConfigureAwait(false);
                foreach (object? result in TaskResults.Get(task))
                {
                    await WriteResultsAsync(result).ConfigureAwait(false);
                }
            }
            else
            {
                await EnumerateAsync(awaitable).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!IsStop(e))
        {
            if (e is OperationCanceledException)
            {
                HasCanceled = true;
            }

            await item.FailAwaitAsync(e).ConfigureAwait(false);
        }
    }

    private async ValueTask WaitAsync(Task task)
    {
        try
        {
            CancellationToken stopped = item.State?.StopToken ?? item.Call.CancellationToken;
            await task.WaitAsync(item.State?.TimeLeft ?? Timeout.InfiniteTimeSpan, stopped).ConfigureAwait(false);
        }
        catch (Exception e) when (!IsOwn(e, task))
        {
            // The task may continue on its own; nothing reads its failure.
            task.Forget();
            throw e is TimeoutException ? item.State!.TimeIsOver() : e;
        }
        catch (Exception) when (task.Exception is { InnerExceptions.Count: > 1 } all)
        {
            throw all;
        }
    }

    private async ValueTask EnumerateAsync(object stream)
    {
        IAsyncEnumerator<object?> enumerator = AsyncStreams.Enumerate(stream, item.State?.Token ?? item.Call.CancellationToken);
        try
        {
            while (await MoveNextAsync(enumerator).ConfigureAwait(false))
            {
                await WriteResultsAsync(enumerator.Current).ConfigureAwait(false);
            }
        }
        finally
        {
            await enumerator.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<object?> enumerator)
    {
        ValueTask<bool> next = enumerator.MoveNextAsync();
        if (next.IsCompletedSuccessfully)
        {
            return next.Result;
        }

        Task<bool> task = next.AsTask();
        await WaitAsync(task).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    // The task may end just before it is told about the time-out, in particular if it has the item's token.
    private static bool IsOwn(Exception e, Task task)
        => task.IsCompleted && (e is not TimeoutException || task.Exception?.InnerExceptions.Contains(e) == true);

    private bool IsStop(Exception e) => e is OperationCanceledException && item.MustEnd;
}
