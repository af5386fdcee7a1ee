using static AsyncPs.ErrorRecords;

namespace AsyncPs.Waiting;

/// <summary>The errors of waiting.</summary>
internal static class WaitErrors
{
    private const int NamedWorks = 5;

    /// <summary>An object that cannot be waited for.</summary>
    public static ConcurrentArgumentException NotWaitable(object? work)
        => new(Create(
            $"-InputObject: '{work ?? "$null"}'{(work is null ? "" : $" ({TypeName(work)})")} can't be waited for. "
                + "Pass jobs, tasks, processes, wait handles, queues or script blocks.",
            "NotWaitable",
            ErrorCategory.InvalidArgument,
            work));

    /// <summary>A mutex, which belongs to the thread that waited for it.</summary>
    public static ConcurrentArgumentException MutexNotWaitable(object mutex)
        => new(Create(
            "-InputObject: a Mutex belongs to the thread that waits for it, which would not be the thread of your script. "
                + "Use New-Throttle 1 and Use-Throttle, or a SemaphoreSlim.",
            "NotWaitable",
            ErrorCategory.InvalidArgument,
            mutex));

    /// <summary>Work that did not end in time.</summary>
    public static ErrorRecord WaitTimeout(WaitedWork work, TimeSpan timeout)
        => WaitTimeout(
            timeout == TimeSpan.Zero
                ? $"{work.Name} has not finished yet."
                : $"{work.Name} did not finish within {Duration(timeout)} (-Timeout) and "
                    + $"{(work.IsCanceled ? "was stopped" : "continues")}.",
            work.IsCanceled ? work.Source : work.Handle);

    /// <summary>None of several pieces of work ended in time.</summary>
    public static ErrorRecord WaitTimeout(IReadOnlyList<WaitedWork> works, TimeSpan timeout)
    {
        string names = string.Join(", ", works.Take(NamedWorks).Select(static work => char.ToLowerInvariant(work.Name[0]) + work.Name[1..]))
            + (works.Count > NamedWorks ? " and others" : "");
        string what = timeout == TimeSpan.Zero ? "has finished yet" : $"finished within {Duration(timeout)} (-Timeout)";
        string then = works.Any(static work => work.IsCanceled) ? " Work that could be stopped was stopped." : " They continue.";
        return WaitTimeout(
            $"None of {works.Count} {what}: {names}.{(timeout == TimeSpan.Zero ? "" : then)}",
            works.Select(static work => work.IsCanceled ? work.Source : work.Handle).ToArray());
    }

    /// <summary>Awaited work did not end in time.</summary>
    public static ErrorRecord AwaitTimeout(string name, TimeSpan timeout, object? target)
        => new(
            new TimeoutException(timeout == TimeSpan.Zero
                ? $"{name} has not finished yet."
                : $"{name} did not finish within {Duration(timeout)} (-Timeout) and continues."),
            "AwaitTimeout",
            ErrorCategory.OperationTimeout,
            target);

    /// <summary>A job that was stopped.</summary>
    public static OperationCanceledException JobWasStopped(Job job) => new($"The job '{job.Name}' was stopped before it was done.");

    /// <summary>A job that failed without an error.</summary>
    public static InvalidOperationException JobFailed(Job job) => new($"The job '{job.Name}' failed. {job.StatusMessage}".TrimEnd());

    private static ErrorRecord WaitTimeout(string message, object target)
        => new(new TimeoutException(message), "WaitTimeout", ErrorCategory.OperationTimeout, target);
}
