using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency;

/// <summary>
/// The calls of this process that have not ended: what a look from outside starts from, and what the end of the process stops. A call that
/// nobody has a reference to any more is not kept by it. What it costs, it costs a call; an item pays nothing.
/// </summary>
internal static class LiveCalls
{
    private static readonly ConditionalWeakTable<ConcurrentCall, object?> Calls = [];
    private static long _lastId;

    /// <summary>The number of the next call, unique in the process.</summary>
    public static long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>A call begins. It may be seen at once.</summary>
    public static void Add(ConcurrentCall call) => Calls.Add(call, null);

    /// <summary>A call has ended, and nothing of it runs any more.</summary>
    public static void Remove(ConcurrentCall call) => Calls.Remove(call);

    /// <summary>Those that live at this moment, in the order in which they were opened.</summary>
    public static IReadOnlyList<ConcurrentCall> Snapshot()
    {
        List<ConcurrentCall> calls = [.. Calls.Select(static entry => entry.Key)];
        calls.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return calls;
    }
}
