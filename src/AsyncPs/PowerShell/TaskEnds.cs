namespace AsyncPs;

/// <summary>The ends of tasks whose results nobody looks at.</summary>
internal static class TaskEnds
{
    /// <summary>Says that nobody will look at a task any more: if it fails, that is nobody's business either.</summary>
    public static void Forget(this Task task)
        => task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>
    /// A task that completes when another has ended in whatever way, and never fails. The failure of the other is still to be looked at.
    /// </summary>
    /// <param name="task">The other.</param>
    /// <param name="cancellationToken">Nobody waits any more: it is canceled, and nothing of it stays with the other.</param>
    public static Task WhenEnded(this Task task, CancellationToken cancellationToken = default)
        => task.ContinueWith(static _ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
