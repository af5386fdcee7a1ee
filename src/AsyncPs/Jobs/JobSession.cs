using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Shutdown;
using AsyncPs.Throttling;

namespace AsyncPs.Jobs;

/// <summary>The jobs of a session, including those that its jobs start.</summary>
internal sealed class JobSession
{
    /// <summary>How many jobs of a session run at the same time by default.</summary>
    public static readonly int DefaultLimit = Math.Max(5, Environment.ProcessorCount);

    // Stopping takes at most this long; jobs that have not ended by then are abandoned.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(5);

    private static readonly ConditionalWeakTable<Runspace, JobSession> Known = [];

    // The jobs of all sessions: PowerShell also asks for a job on threads without a session.
    private static readonly ConcurrentDictionary<Guid, ThrottledJob> All = new();

    private readonly ConcurrentDictionary<Guid, ThrottledJob> _jobs = new();
    private readonly Lazy<Throttle> _requests;

    static JobSession() => SessionEnd.StopJobsBy(static session =>
    {
        if (session is null)
        {
            Stop(All.Values);
        }
        else if (Known.TryGetValue(session, out JobSession? jobs))
        {
            jobs.Close(reports: false);
        }
    });

    private JobSession(int requests) => _requests = new Lazy<Throttle>(() => new Throttle(limit: requests));

    /// <summary>The session of the code on this thread, if it has had jobs.</summary>
    public static JobSession? Find() => Home is { } home && Known.TryGetValue(home, out JobSession? session) ? session : null;

    /// <summary>The session of the code on this thread.</summary>
    /// <param name="requests">How many requests run at the same time by default.</param>
    public static JobSession Open(int requests) => Known.GetValue(Home!, home =>
    {
        var session = new JobSession(requests);
        SessionEnd.Watch(home);
        return session;
    });

    /// <summary>The limiter of all blocks that are started without a limit.</summary>
    public Throttle Blocks { get; } = new(limit: DefaultLimit);

    /// <summary>The limiter of all requests that are started without a limit.</summary>
    public Throttle Requests => _requests.Value;

    /// <summary>The jobs that were not removed, oldest first.</summary>
    public IEnumerable<ThrottledJob> Jobs => _jobs.Values.OrderBy(static job => job.Id);

    /// <summary>A job by its instance id, or null.</summary>
    public static ThrottledJob? Find(Guid id) => All.GetValueOrDefault(id);

    /// <summary>Adds a job.</summary>
    public void Add(ThrottledJob job) => _jobs[job.InstanceId] = All[job.InstanceId] = job;

    /// <summary>Removes a job.</summary>
    public void Remove(ThrottledJob job)
    {
        _jobs.TryRemove(job.InstanceId, out _);
        All.TryRemove(job.InstanceId, out _);
    }

    /// <summary>Stops all jobs, waits for their finally blocks up to a limit, and removes them.</summary>
    /// <param name="reports">Whether this is the pipeline thread, and failures that were not received are reported.</param>
    public void Close(bool reports)
    {
        Stop(_jobs.Values);
        foreach (ThrottledJob job in Jobs)
        {
            if (reports)
            {
                UnobservedFailures.Report(job);
            }

            Remove(job);
        }
    }

    private static void Stop(ICollection<ThrottledJob> jobs)
    {
        List<Task> ends = [];
        foreach (ThrottledJob job in jobs)
        {
            job.RequestStop();
            if (job.End is { IsCompleted: false } end)
            {
                ends.Add(end);
            }
        }

        Task.WaitAll([.. ends], WaitLimit);
    }

    // Workers come and go; jobs belong to the session in which the work began.
    private static Runspace? Home => WorkItem.Current?.Call.Home ?? Runspace.DefaultRunspace;
}
