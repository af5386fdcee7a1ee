namespace AsyncPs.Jobs;

/// <summary>Reports failures that were not received, once each, at the last occasion.</summary>
internal static class UnobservedFailures
{
    /// <summary>Warns if a job has failed and was not received. On the pipeline thread of the caller that removes it.</summary>
    public static void Report(ThrottledJob job)
    {
        if (job.UnreceivedError is not { } error || EngineInternals.RunningCommand?.Invoke() is not { } command)
        {
            return;
        }

        job.SetReceived();
        command.WriteWarning(JobErrors.JobFailureLost(job, error));
    }
}
