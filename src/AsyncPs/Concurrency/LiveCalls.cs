using System.Diagnostics;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency;

/// <summary>
/// The calls of this process that have not ended. Inspection starts from them, and the end of the process stops them. References are
/// weak: an unreferenced call is not kept alive. The cost is per call, not per item.
/// </summary>
internal static class LiveCalls
{
    private static readonly ConditionalWeakTable<ConcurrentCall, object?> Calls = [];
    // The grace period of a stop, plus the time that a call needs in addition.
    private static readonly TimeSpan WaitLimit = StopTimes.Grace + TimeSpan.FromSeconds(2);

    private static readonly object Ends = new();
    private static long _lastId;
    private static bool _stopping;
    private static int _stops;

    /// <summary>The number of the next call, unique in the process.</summary>
    public static long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Registers a call, which is visible at once.</summary>
    public static void Add(ConcurrentCall call) => Calls.Add(call, null);

    /// <summary>Removes a call that has ended and no longer runs anything.</summary>
    public static void Remove(ConcurrentCall call)
    {
        CallMetrics.Leave(call, Calls.Remove);
        SomethingEnded();
    }

    /// <summary>Notes that something has ended that <see cref="StopAll"/> may wait for.</summary>
    public static void SomethingEnded()
    {
        if (!Volatile.Read(ref _stopping))
        {
            return;
        }

        lock (Ends)
        {
            Monitor.PulseAll(Ends);
        }
    }

    /// <summary>
    /// Stops all calls and the pipelines that wait for them, as Ctrl+C does, and waits for their end within a grace period. Calls of jobs
    /// and of hedged attempts are stopped by their owners.
    /// </summary>
    public static void StopAll()
    {
        long start = Stopwatch.GetTimestamp();
        List<ConcurrentCall> calls = [.. Snapshot().Where(static call => !call.Options.Detached)];

        // A pipeline that ends the process does not wait for its own end.
        List<Runspace> homes = [.. calls.Where(static call => call.Caller is not null).Select(static call => call.Home).OfType<Runspace>()
            .Distinct().Where(static home => home != Runspace.DefaultRunspace)];
        Volatile.Write(ref _stopping, true);
        foreach (Runspace home in homes.ToArray())
        {
            if (EngineInternals.StopOfRunning(home) is { } stop)
            {
                Interlocked.Increment(ref _stops);
                Guarded.Start("AsyncPs stop", () => StopPipeline(stop));
            }
            else
            {
                homes.Remove(home);
            }
        }

        // A call that is stopped before its pipeline lets the pipeline's finally blocks run first.
        foreach (ConcurrentCall call in calls.Where(call => call.Caller is null || call.Home is null || !homes.Contains(call.Home)))
        {
            Guarded.Run(call.Stop);
        }

        lock (Ends)
        {
            while ((calls.Exists(Runs) || Volatile.Read(ref _stops) > 0)
                && WaitLimit - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                Monitor.Wait(Ends, left);
            }
        }
    }

    // Returns when the pipeline has ended, finally blocks included, or cannot be stopped.
    private static void StopPipeline(Action stop)
    {
        try
        {
            stop();
        }
        finally
        {
            Interlocked.Decrement(ref _stops);
            SomethingEnded();
        }
    }

    // The owner of a call may be the code that ends the process, which never gets to dispose the call.
    private static bool Runs(ConcurrentCall call) => call.Queue.InFlightCount > 0 && Calls.TryGetValue(call, out _);

    /// <summary>The calls that are open at this moment, in the order in which they were opened.</summary>
    public static IReadOnlyList<ConcurrentCall> Snapshot()
    {
        List<ConcurrentCall> calls = [.. Calls.Select(static entry => entry.Key)];
        calls.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return calls;
    }
}
