namespace AsyncPs.Waiting;

/// <summary>Waits for wait handles without blocking a thread.</summary>
internal static class WaitHandles
{
    /// <summary>
    /// Completes when a handle is set. When the token is canceled, the task is canceled and no longer observes the handle.
    /// </summary>
    public static Task WhenSet(WaitHandle handle, CancellationToken cancellationToken)
    {
        var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RegisteredWaitHandle watch = ThreadPool.RegisterWaitForSingleObject(
            handle, static (set, _) => ((TaskCompletionSource)set!).TrySetResult(), set, Timeout.Infinite, executeOnlyOnce: true);
        CancellationTokenRegistration leave = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                watch.Unregister(null);
                set.TrySetCanceled(token);
            },
            null);
        set.Task.ContinueWith(
            _ =>
            {
                watch.Unregister(null);
                leave.Unregister();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return set.Task;
    }
}
