namespace AsyncPs.Concurrency;

/// <summary>How an item of a call has ended.</summary>
public enum ConcurrentStatus
{
    /// <summary>It ran to its end without an error.</summary>
    Succeeded,

    /// <summary>It wrote an error, or an error ended it.</summary>
    Failed,

    /// <summary>It was stopped because it took longer than <c>-ItemTimeout</c>, or still ran when <c>-Timeout</c> ran out.</summary>
    TimedOut,

    /// <summary>
    /// It was stopped or never started, because another item failed or the call timed out; or it awaited a task that was canceled.
    /// </summary>
    Canceled,
}
