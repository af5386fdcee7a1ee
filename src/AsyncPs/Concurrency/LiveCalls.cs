using System.Diagnostics;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace AsyncPs.Concurrency;

/// <summary>
/// The calls of this process that have not ended: what a look from outside starts from, and what the end of the process stops. A call that
/// nobody has a reference to any more is not kept by it. What it costs, it costs a call; an item pays nothing.
/// </summary>
internal static class LiveCalls
{
    private static readonly ConditionalWeakTable<ConcurrentCall, object?> Calls = [];
    // The grace of a stop, and what a call needs besides.
    private static readonly TimeSpan WaitLimit = StopTimes.Grace + TimeSpan.FromSeconds(2);

    private static readonly object Ends = new();
    private static long _lastId;
    private static bool _stopping;
    private static int _stops;

    /// <summary>The number of the next call, unique in the process.</summary>
    public static long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>A call begins. It may be seen at once.</summary>
    public static void Add(ConcurrentCall call) => Calls.Add(call, null);

    /// <summary>A call has ended, and nothing of it runs any more.</summary>
    public static void Remove(ConcurrentCall call)
    {
        Calls.Remove(call);
        SomethingEnded();
    }

    /// <summary>Something that <see cref="StopAll"/> may wait for has ended.</summary>
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
    /// Stops them all, and the pipelines that wait for them, as Ctrl+C does, and waits until nothing of these runs any more, within a
    /// grace period. Calls of jobs, and of attempts, are stopped by whom they belong to.
    /// </summary>
    public static void StopAll()
    {
        long start = Stopwatch.GetTimestamp();
        List<ConcurrentCall> calls = [.. Snapshot().Where(static call => !call.Options.Detached)];

        // Who ends the process from within a pipeline does not wait for that one's end.
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

        // A call that is stopped before its pipeline has that one's finally blocks run, and then stopped.
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

    // It returns when the pipeline has ended, finally blocks included, or cannot be stopped.
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

    // Who owns a call may be the one that ends the process, and never come to dispose it.
    private static bool Runs(ConcurrentCall call) => call.Queue.InFlightCount > 0 && Calls.TryGetValue(call, out _);

    /// <summary>Those that live at this moment, in the order in which they were opened.</summary>
    public static IReadOnlyList<ConcurrentCall> Snapshot()
    {
        List<ConcurrentCall> calls = [.. Calls.Select(static entry => entry.Key)];
        calls.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return calls;
    }
}
