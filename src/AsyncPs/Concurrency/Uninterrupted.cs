namespace AsyncPs.Concurrency;

/// <summary>
/// Clean-up that runs to its end even if the thread is interrupted. A worker is stopped by an interrupt, which is meant for a wait of the
/// block, but can hit any lock or wait on the thread, including one in the middle of a clean-up.
/// </summary>
internal static class Uninterrupted
{
    /// <summary>Does the work on this thread, or on another one if this thread may be interrupted.</summary>
    public static void Run(Action work)
    {
        if (WorkItem.Current is null)
        {
            work();
        }
        else
        {
            // Not a thread of the pool: the work may block, and many calls may be stopped at once.
            Wait(Task.Factory.StartNew(
                work,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default));
        }
    }

    /// <summary>Waits until a task has ended, and rethrows its exception.</summary>
    public static void Wait(Task task)
    {
        while (!task.IsCompleted)
        {
            try
            {
                Task.WaitAny(task);
            }
            catch (ThreadInterruptedException)
            {
                // The interrupt was meant for earlier code.
            }
        }

        task.GetAwaiter().GetResult();
    }
}
