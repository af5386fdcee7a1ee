using System.Collections;

namespace AsyncPs.Remote;

/// <summary>A call, as its workers need it.</summary>
/// <param name="Written">The captured part of the caller's session.</param>
/// <param name="Heartbeat">How long a worker that runs items may send nothing before it counts as lost, or null for no limit.</param>
internal sealed record RemoteCall(Hashtable Written, TimeSpan? Heartbeat)
{
    /// <summary>The number of heartbeats in that time.</summary>
    public const int BeatsPerTimeout = 4;
}
