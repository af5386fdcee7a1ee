namespace AsyncPs.Concurrency;

/// <summary>How an item of a call has ended.</summary>
public enum ConcurrentStatus
{
    /// <summary>It ran to its end without an error.</summary>
    Succeeded,

    /// <summary>It wrote an error, or an error ended it.</summary>
    Failed,

    /// <summary>It was stopped because it took longer than <c>-ItemTimeout</c>, or ran when <c>-Timeout</c> was over.</summary>
    TimedOut,

    /// <summary>
    /// It was stopped, or not even started, because another item failed or the call's time was over; or it awaited a task that was
    /// canceled.
    /// </summary>
    Canceled,
}
