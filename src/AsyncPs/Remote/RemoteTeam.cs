using System.Collections;
using AsyncPs.Concurrency;

namespace AsyncPs.Remote;

/// <summary>The remote workers of one call: loops that await their items, and the last blocks in the processes at the end.</summary>
internal sealed class RemoteTeam : IWorkRunner
{
    // Stopped items end within the grace period, or with their process soon after it.
    private static readonly TimeSpan WaitLimit = StopTimes.Grace + TimeSpan.FromSeconds(3);

    private readonly ConcurrentCall _call;
    private readonly RemoteJob _job;
    private readonly AsyncLoops _loops;
    private Task? _left;

    /// <summary>Creates a team.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">The target of the processes.</param>
    /// <param name="written">The captured part of the caller's session.</param>
    /// <param name="processes">The largest number of processes.</param>
    /// <param name="limit">The largest number of awaited items.</param>
    public RemoteTeam(ConcurrentCall call, RemoteTarget target, Hashtable written, int processes, int limit)
    {
        _call = call;
        _job = new RemoteJob(call, target, written, processes);
        _loops = new AsyncLoops(call, _job, limit) { WaitLimit = WaitLimit };
    }

    /// <inheritdoc/>
    /// <remarks>The last blocks may still write records. Read only when there are no more items.</remarks>
    public bool HasEnded
    {
        get
        {
            if (_left is null)
            {
                _left = _job.LeaveAsync();
                _left.ContinueWith(_ => _call.Output.WakeUp(), TaskScheduler.Default);
            }

            return _left.IsCompleted;
        }
    }

    /// <inheritdoc/>
    public void Added() => _loops.Added();

    /// <inheritdoc/>
    public void Stop() => _loops.Stop();

    /// <inheritdoc/>
    public void Stop(WorkItem item) => _loops.Stop(item);

    /// <inheritdoc/>
    public void WaitForEnd() => _loops.WaitForEnd();

    /// <inheritdoc/>
    public void Dispose() => _loops.Dispose();
}
