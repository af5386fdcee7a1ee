using System.Diagnostics;
using System.Management.Automation.Runspaces;

namespace AsyncPs.Concurrency;

/// <summary>A session that waits for what it has called, and goes on only when that has ended.</summary>
/// <param name="Id">The session.</param>
/// <param name="Since">Since when, as a timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Outer">The session that waits for this one in the same way, or null.</param>
internal sealed record WaitingSession(Guid Id, long Since, WaitingSession? Outer)
{
    /// <summary>The session that runs on this thread, as one that is about to wait; null if there is none.</summary>
    public static WaitingSession? Current => Runspace.DefaultRunspace is { } session ? new(session.InstanceId, Stopwatch.GetTimestamp(), WorkItem.Current?.Call.Caller) : null;
}
