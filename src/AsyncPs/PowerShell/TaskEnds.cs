namespace AsyncPs;

/// <summary>Extensions for tasks whose results are not used.</summary>
internal static class TaskEnds
{
    /// <summary>Observes the failure of a task that is no longer awaited.</summary>
    public static void Forget(this Task task)
        => task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>
    /// A task that completes when another one has ended in any way, and never fails. The failure of the other is not observed.
    /// </summary>
    /// <param name="task">The other task.</param>
    /// <param name="cancellationToken">Cancels the returned task, which then leaves nothing behind on the other.</param>
    public static Task WhenEnded(this Task task, CancellationToken cancellationToken = default)
        => task.ContinueWith(static _ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
