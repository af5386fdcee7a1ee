namespace AsyncPs.Jobs;

/// <summary>Shows the jobs of the session to PowerShell's own job cmdlets. PowerShell creates it when the module is imported.</summary>
public sealed class ThrottledJobSource : JobSourceAdapter
{
    /// <summary>Creates the source of a session.</summary>
    public ThrottledJobSource() => Name = nameof(ThrottledJobSource);

    private static IEnumerable<ThrottledJob> All => JobSession.Find()?.Jobs ?? [];

    /// <summary>Not supported: jobs are started by <c>Start-Throttled</c>.</summary>
    public override Job2 NewJob(JobInvocationInfo specification) => throw JobErrors.JobNotDefinable();

    /// <inheritdoc/>
    public override IList<Job2> GetJobs() => [.. All];

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByName(string name, bool recurse)
    {
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return [.. All.Where(job => pattern.IsMatch(job.Name))];
    }

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByCommand(string command, bool recurse)
    {
        var pattern = new WildcardPattern(command, WildcardOptions.IgnoreCase);
        return [.. All.Where(job => job.Command.Equals(command, StringComparison.OrdinalIgnoreCase) || pattern.IsMatch(job.Command))];
    }

    /// <inheritdoc/>
    public override Job2? GetJobByInstanceId(Guid instanceId, bool recurse)
    {
        // Receive-Job -AutoRemoveJob removes a job twice if it ends while it is being checked, the second time when its end is
        // announced. The second time must not be an error.
        return JobSession.Find(instanceId) ?? (ThrottledJob.Ending is { } ending && ending.InstanceId == instanceId ? ending : null);
    }

    /// <inheritdoc/>
    public override Job2? GetJobBySessionId(int id, bool recurse) => All.FirstOrDefault(job => job.Id == id);

    /// <inheritdoc/>
    public override IList<Job2> GetJobsByState(JobState state, bool recurse) => [.. All.Where(job => job.JobStateInfo.State == state)];

    /// <summary>Not supported, as with other jobs.</summary>
    public override IList<Job2> GetJobsByFilter(Dictionary<string, object> filter, bool recurse) => throw JobErrors.JobFilterNotSupported();

    /// <summary>Stops and removes a job. This is the last occasion to report a failure that was not received.</summary>
    public override void RemoveJob(Job2 job)
    {
        if (job is ThrottledJob own)
        {
            own.StopJob();
            UnobservedFailures.Report(own);
            own.Forget();
        }
    }
}
