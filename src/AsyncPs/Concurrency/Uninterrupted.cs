namespace AsyncPs.Concurrency;

/// <summary>
/// Clean-up that runs to its end though the thread is interrupted meanwhile. An interrupt is how a worker is stopped: it is meant for what
/// the block waits for, and can hit any lock or wait on the thread, also one in the middle of a clean-up.
/// </summary>
internal static class Uninterrupted
{
    /// <summary>Does the work: here, or where the thread may be interrupted, on another one that nobody interrupts.</summary>
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

    /// <summary>Waits until a task has ended; what it has failed with is thrown.</summary>
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
                // Meant for what went before.
            }
        }

        task.GetAwaiter().GetResult();
    }
}
