namespace AsyncPs.Concurrency;

/// <summary>An asynchronous loop that takes items from a <see cref="WorkQueue"/>. It holds no thread while the queue is empty.</summary>
internal sealed class AsyncItemConsumer : ItemConsumer
{
    private TaskCompletionSource _awake = new();

    private WorkItem? _item;
    private long _since;

    /// <summary>The item that its loop runs, or null.</summary>
    public WorkItem? Item
    {
        get => Volatile.Read(ref _item);
        set
        {
            _since = Environment.TickCount64;
            Volatile.Write(ref _item, value);
        }
    }

    /// <summary>When it took that item, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <inheritdoc/>
    public override void FallAsleep()
        => Volatile.Write(ref _awake, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Completes when the loop is woken.</summary>
    public Task SleepAsync() => Volatile.Read(ref _awake).Task;

    /// <inheritdoc/>
    public override void Wake() => Volatile.Read(ref _awake).TrySetResult();
}
