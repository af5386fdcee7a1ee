namespace AsyncPs.Concurrency;

/// <summary>
/// The stop of an item that runs on a thread. If code of the item were notified earlier, by a token, its finally blocks would begin
/// before the stop arrives, which would then end them.
/// </summary>
internal static class ItemStop
{
    /// <summary>
    /// On a thread that runs items: gives the task that completes when its item is stopped or no longer runs there; it is already
    /// complete if the item does not run there.
    /// </summary>
    [field: ThreadStatic]
    public static Func<WorkItem, Task>? OnThisThread { get; set; }

    /// <summary>The task that completes when the item of this thread is stopped; null if this thread does not run items.</summary>
    public static Func<Task>? On(WorkItem item) => OnThisThread is { } stop ? () => stop(item) : null;
}
