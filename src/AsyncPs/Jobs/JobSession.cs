using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using AsyncPs.Concurrency;
using AsyncPs.Shutdown;
using AsyncPs.Throttling;

namespace AsyncPs.Jobs;

/// <summary>The jobs of a session. Those that its jobs start are its own too.</summary>
internal sealed class JobSession
{
    /// <summary>How many jobs of a session run at once if nobody says.</summary>
    public static readonly int DefaultLimit = Math.Max(5, Environment.ProcessorCount);

    // Stopping what runs takes no longer than this: what does not end is abandoned.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(5);

    private static readonly ConditionalWeakTable<Runspace, JobSession> Known = [];

    // Of all sessions: PowerShell also asks for a job on threads that belong to none.
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

    /// <summary>The session of the code that runs on this thread, if there is one and it has ever had jobs.</summary>
    public static JobSession? Find() => Home is { } home && Known.TryGetValue(home, out JobSession? session) ? session : null;

    /// <summary>The session of the code that runs on this thread.</summary>
    /// <param name="requests">How many requests run at once if nobody says.</param>
    public static JobSession Open(int requests) => Known.GetValue(Home!, home =>
    {
        var session = new JobSession(requests);
        SessionEnd.Watch(home);
        return session;
    });

    /// <summary>The limiter of all blocks for which nobody says another limit.</summary>
    public Throttle Blocks { get; } = new(limit: DefaultLimit);

    /// <summary>The limiter of all requests for which nobody says another limit.</summary>
    public Throttle Requests => _requests.Value;

    /// <summary>The jobs that have not been removed, oldest first.</summary>
    public IEnumerable<ThrottledJob> Jobs => _jobs.Values.OrderBy(static job => job.Id);

    /// <summary>A job by its instance id, or null.</summary>
    public static ThrottledJob? Find(Guid id) => All.GetValueOrDefault(id);

    /// <summary>Adds a job.</summary>
    public void Add(ThrottledJob job) => _jobs[job.InstanceId] = All[job.InstanceId] = job;

    /// <summary>Forgets a job.</summary>
    public void Remove(ThrottledJob job)
    {
        _jobs.TryRemove(job.InstanceId, out _);
        All.TryRemove(job.InstanceId, out _);
    }

    /// <summary>Stops all jobs, waits until their finally blocks have run, not for ever, and forgets them.</summary>
    /// <param name="reports">Whether this is the pipeline thread, and failures that nobody has received are to be told.</param>
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

    // Workers come and go; jobs belong to the session that the work comes from.
    private static Runspace? Home => WorkItem.Current?.Call.Home ?? Runspace.DefaultRunspace;
}
