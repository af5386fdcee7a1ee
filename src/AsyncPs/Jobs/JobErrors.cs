using AsyncPs.Concurrency.Waits;
using AsyncPs.Concurrency;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Jobs;

/// <summary>The errors of jobs.</summary>
internal static class JobErrors
{
    /// <summary>A job took longer than it may.</summary>
    public static ErrorRecord JobTimedOut(WorkItem item, string name)
        => new(
            new TimeoutException(
                $"The job '{name}' was stopped because it took longer than {Duration(item.Call.Options.ItemTimeout!.Value)} (-Timeout)."),
            "JobTimedOut",
            ErrorCategory.OperationTimeout,
            item.Input);

    /// <summary>Something that jobs of this kind cannot do.</summary>
    public static Exception JobOperationNotSupported(string operation)
        => new PSNotSupportedException(
            $"Jobs of Start-Throttled cannot be {operation}. They can be started, stopped, waited for, received and removed.");

    /// <summary>A job by Start-Job.</summary>
    public static Exception JobNotDefinable() => new PSNotSupportedException("Jobs of this kind are started by Start-Throttled.");

    /// <summary>Get-Job -Filter.</summary>
    public static Exception JobFilterNotSupported()
        => new PSNotSupportedException(
            "Jobs of Start-Throttled cannot be found by -Filter. Use -Id, -Name, -InstanceId, -State or -Command, or Where-Object.");

    /// <summary>A group took longer than it may.</summary>
    public static ErrorRecord TaskGroupTimedOut(TimeSpan timeout)
        => new(
            new TimeoutException($"The task group was stopped because it took longer than {Duration(timeout)} (-Timeout)."),
            "TaskGroupTimedOut",
            ErrorCategory.OperationTimeout,
            null);

    /// <summary>Something in a group has failed.</summary>
    public static ErrorRecord TaskGroupFailed(IReadOnlyList<ErrorRecord> errors)
        => new(
            new ConcurrentFailureException(
                errors.Count == 1 ? "The task group has failed." : $"The task group has failed, with {errors.Count} errors.",
                errors),
            "TaskGroupFailed",
            ErrorCategory.OperationStopped,
            errors[0].TargetObject);

    /// <summary>A failure that would be lost.</summary>
    public static string JobFailureLost(ThrottledJob job, ErrorRecord error)
        => $"Job {job.Id} ({job.Name}) {(job.JobStateInfo.State == JobState.Failed ? "has failed" : "has written an error")} and nobody "
            + $"has received it: {error}";

    /// <summary>A file that is no script.</summary>
    public static Exception ScriptFileInvalid(string path, string why, Exception? inner = null)
        => new ConcurrentArgumentException(new ErrorRecord(
            new PSArgumentException($"-FilePath: '{path}' cannot be run: {why}", inner!),
            "ScriptFileInvalid",
            ErrorCategory.InvalidArgument,
            path));

    /// <summary>A job that waits for the code that is to wait for it.</summary>
    public static DeadlockException JobWaitsForItself(Jobs.ThrottledJob job)
        => new(
            $"The job '{job.Name}' cannot end: it waits for what this is part of. Wait for it outside of the job, "
                + "or of what the job waits for.",
            "JobWaitsForItself",
            job);
}
