namespace AsyncPs;

/// <summary>
/// Code that no interrupt of the thread ends. A worker is stopped by an interrupt, which is meant for a wait of the block, but can hit any
/// lock or wait on the thread, for example the lock of a limiter whose permit is being returned. While such code runs, the interrupt is
/// postponed. A worker that still runs after the grace period is abandoned.
/// </summary>
internal static class Uninterrupted
{
    /// <summary>Postpones interrupts of this thread; null on a thread that is not interrupted.</summary>
    [field: ThreadStatic]
    public static IInterrupts? OnThisThread { get; set; }

    /// <summary>Postpones interrupts of this thread until the result is disposed, on the same thread.</summary>
    public static Region Begin()
    {
        IInterrupts? interrupts = OnThisThread;
        interrupts?.Postpone();
        return new Region(interrupts);
    }

    /// <summary>Does work that can take long: on this thread, or on another one if this thread may be interrupted.</summary>
    public static void Run(Action work)
    {
        if (OnThisThread is null)
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

    /// <summary>Disposes an object. The timer of a token, for example, has a lock that others hold too.</summary>
    public static void Dispose(IDisposable disposable)
    {
        using Region region = Begin();
        disposable.Dispose();
    }

    /// <summary>Waits until a task has ended, and rethrows its exception.</summary>
    public static void Wait(Task task)
    {
        using Region region = Begin();
        task.GetAwaiter().GetResult();
    }

    /// <summary>A piece of code, which ends when this is disposed.</summary>
    internal readonly ref struct Region(IInterrupts? interrupts)
    {
        /// <summary>Ends the piece. An interrupt that came meanwhile takes effect at the next wait of the thread.</summary>
        public void Dispose() => interrupts?.Resume();
    }
}

/// <summary>The interrupts of a thread.</summary>
internal interface IInterrupts
{
    /// <summary>Postpones interrupts, also one that is on its way. Calls can be nested.</summary>
    void Postpone();

    /// <summary>Ends the last postponement.</summary>
    void Resume();
}
