using System.Collections;
using AsyncPs.Remote.Closures;

namespace AsyncPs.Remote;

/// <summary>A call, as its workers need it.</summary>
/// <param name="Written">The captured part of the caller's session.</param>
/// <param name="Heartbeat">How long a worker that runs items may send nothing before it counts as lost, or null for no limit.</param>
internal sealed record RemoteCall(Hashtable Written, TimeSpan? Heartbeat)
{
    /// <summary>The number of heartbeats in that time.</summary>
    public const int BeatsPerTimeout = 4;

    /// <summary>Whether a worker may need long to open it, for example to import modules. It then sends a sign of life first.</summary>
    public bool OpensLong => Written.ContainsKey(TravelKeys.OpensLong);

    /// <summary>Whether a block runs after the last item, whose records the caller waits for.</summary>
    public bool HasLastBlock => Written.ContainsKey(TravelKeys.Finalization);
}
