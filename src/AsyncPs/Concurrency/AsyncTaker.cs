namespace AsyncPs.Concurrency;

/// <summary>An asynchronous loop that takes items from a <see cref="WorkQueue"/>, and holds no thread while there are none.</summary>
internal sealed class AsyncTaker : Taker
{
    private TaskCompletionSource _awake = new();

    /// <inheritdoc/>
    public override void FallAsleep() => Volatile.Write(ref _awake, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Waits until woken.</summary>
    public Task SleepAsync() => Volatile.Read(ref _awake).Task;

    /// <inheritdoc/>
    public override void Wake() => Volatile.Read(ref _awake).TrySetResult();
}
