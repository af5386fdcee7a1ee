using AsyncPs.Concurrency.Waits;
using AsyncPs.Concurrency;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Jobs;

/// <summary>The errors of jobs.</summary>
internal static class JobErrors
{
    /// <summary>A job took longer than its time-out.</summary>
    public static ErrorRecord JobTimedOut(WorkItem item, string name)
        => new(
            new TimeoutException(
                $"The job '{name}' was stopped because it took longer than {Duration(item.Call.Options.ItemTimeout!.Value)} (-Timeout)."),
            "JobTimedOut",
            ErrorCategory.OperationTimeout,
            item.Input);

    /// <summary>An operation that these jobs do not support.</summary>
    public static Exception JobOperationNotSupported(string operation)
        => new PSNotSupportedException(
            $"Jobs of Start-Throttled cannot be {operation}. They can be started, stopped, waited for, received and removed.");

    /// <summary>Start-Job with this job source.</summary>
    public static Exception JobNotDefinable() => new PSNotSupportedException("Jobs of this kind are started by Start-Throttled.");

    /// <summary>Get-Job -Filter.</summary>
    public static Exception JobFilterNotSupported()
        => new PSNotSupportedException(
            "Jobs of Start-Throttled cannot be found by -Filter. Use -Id, -Name, -InstanceId, -State or -Command, or Where-Object.");

    /// <summary>A group took longer than its time-out.</summary>
    public static ErrorRecord TaskGroupTimedOut(TimeSpan timeout)
        => new(
            new TimeoutException($"The task group was stopped because it took longer than {Duration(timeout)} (-Timeout)."),
            "TaskGroupTimedOut",
            ErrorCategory.OperationTimeout,
            null);

    /// <summary>A job or the block of a group has failed.</summary>
    public static ErrorRecord TaskGroupFailed(IReadOnlyList<ErrorRecord> errors)
        => new(
            new ConcurrentFailureException(
                errors.Count == 1 ? "The task group has failed." : $"The task group has failed, with {errors.Count} errors.",
                errors),
            "TaskGroupFailed",
            ErrorCategory.OperationStopped,
            errors[0].TargetObject);

    /// <summary>A failure of a job that was not received: a warning.</summary>
    public static string JobFailureLost(ThrottledJob job, ErrorRecord error)
        => $"Job {job.Id} ({job.Name}) {(job.JobStateInfo.State == JobState.Failed ? "has failed" : "has written an error")}, and it "
            + $"was not received: {error}";

    /// <summary>A file that is not a script.</summary>
    public static Exception ScriptFileInvalid(string path, string why, Exception? inner = null)
        => new ConcurrentArgumentException(new ErrorRecord(
            new PSArgumentException($"-FilePath: '{path}' cannot be run: {why}", inner!),
            "ScriptFileInvalid",
            ErrorCategory.InvalidArgument,
            path));

    /// <summary>A job that waits for the code that wants to wait for it.</summary>
    public static DeadlockException JobWaitsForItself(Jobs.ThrottledJob job)
        => new(
            $"The job '{job.Name}' cannot end: it waits for the code that waits for it here. Wait for it outside the job, "
                + "or outside the code that the job waits for.",
            "JobWaitsForItself",
            job);
}
