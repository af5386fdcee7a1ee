using System.Diagnostics;
using AsyncPs.Bench.Databases;
using AsyncPs.Bench.Http;

namespace AsyncPs.Bench.Cases;

/// <summary>Measurements that run in a new process.</summary>
internal static class Probes
{
    public const string FirstConcurrent = "first-concurrent";
    public const string FirstParallel = "first-parallel";
    public const string StreamingMemory = "streaming-memory";
    public const string RowsMemory = "rows-memory";
    public const string WaitingMemory = "waiting-memory";
    public const string WaitingThreads = "waiting-threads";

    public static double Run(string name) => name switch
    {
        FirstConcurrent => First("1 | Invoke-Concurrent { $_ }"),
        FirstParallel => First("1 | ForEach-Object -Parallel { $_ }"),
        StreamingMemory => StreamedItems(),
        RowsMemory => StreamedRows.Memory(),
        WaitingMemory => WaitingRequests.Memory(),
        WaitingThreads => WaitingRequests.Threads(),
        _ => throw new ArgumentException($"There is no probe '{name}'."),
    };

    private static double First(string script)
    {
        using var session = new Session();
        session.Time("1 | ForEach-Object { $_ }");
        return session.Time(script);
    }

    private static double StreamedItems()
    {
        using var session = new Session();
        session.Time("1..10000 | Invoke-Concurrent { $_ } -ThrottleLimit 2");
        return Memory(session, "1..5000000 | Invoke-Concurrent { $_ } -ThrottleLimit 2");
    }

    /// <summary>The largest working set above the start while a script runs, in MB.</summary>
    public static double Memory(Session session, string script)
    {
        GC.Collect();
        long start = WorkingSet();
        long peak = start;
        var done = new ManualResetEventSlim();
        var watcher = new Thread(() =>
        {
            while (!done.Wait(20))
            {
                peak = Math.Max(peak, WorkingSet());
            }
        });
        watcher.Start();
        session.Time(script);
        done.Set();
        watcher.Join();
        return (peak - start) / 1e6;
    }

    private static long WorkingSet()
    {
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
