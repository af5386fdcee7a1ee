using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>A PowerShell job of any kind.</summary>
/// <param name="job">The job.</param>
/// <param name="task">The task that ends with the job, if there is one.</param>
/// <param name="receive">Receives the job's results. On the pipeline thread.</param>
internal sealed class JobWork(Job job, Task? task, Action<Job, Action<StreamRecord>> receive) : WaitedWork(job)
{
    /// <inheritdoc/>
    public override string Name => $"The job '{job.Name}'";

    /// <inheritdoc/>
    public override bool IsCompleted => job.JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped;

    /// <inheritdoc/>
    public override ConcurrentStatus Status => job.JobStateInfo.State switch
    {
        JobState.Failed => ConcurrentStatus.Failed,
        JobState.Stopped => ConcurrentStatus.Canceled,
        _ => ConcurrentStatus.Succeeded,
    };

    /// <inheritdoc/>
    public override bool CanCancel => true;

    /// <inheritdoc/>
    public override void Read(Action<StreamRecord> write)
    {
        bool hasErrors = false;
        receive(job, record =>
        {
            hasErrors |= record.Kind == StreamKind.Error;
            write(record);
        });
        if (Status == ConcurrentStatus.Canceled)
        {
            write(Error(WaitErrors.JobWasStopped(job)));
        }
        else if (Status == ConcurrentStatus.Failed && !hasErrors)
        {
            write(Error(job.JobStateInfo.Reason ?? WaitErrors.JobFailed(job)));
        }
    }

    /// <inheritdoc/>
    protected override Task WhenEnded() => task?.WhenEnded(Leaving) ?? WaitHandles.WhenSet(job.Finished, Leaving);

    /// <inheritdoc/>
    protected override void CancelCore() => _ = Task.Run(() =>
    {
        try
        {
            // This may take long. A job that ends in the meantime can no longer be stopped.
            job.StopJob();
        }
        catch (Exception e) when (e is InvalidJobStateException or InvalidOperationException or ObjectDisposedException)
        {
            // The job has ended.
        }
    });
}
