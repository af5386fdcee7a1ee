namespace AsyncPs.Concurrency;

/// <summary>
/// The stop of an item that a thread runs. Code of the item that hears of it earlier, by a token, would begin its finally blocks before the
/// stop comes, which then ends them.
/// </summary>
internal static class ItemStop
{
    /// <summary>
    /// On a thread that runs items: gives what ends when an item that it runs is stopped, or runs there no longer; at once if it does
    /// not.
    /// </summary>
    [field: ThreadStatic]
    public static Func<WorkItem, Task>? OnThisThread { get; set; }

    /// <summary>What ends when an item that this thread runs is stopped; null if no thread of the kind runs it.</summary>
    public static Func<Task>? On(WorkItem item) => OnThisThread is { } stop ? () => stop(item) : null;
}
