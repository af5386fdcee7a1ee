using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Bench.Http;

/// <summary>The memory and threads of a process while thousands of its requests wait for a slow server.</summary>
internal static class WaitingRequests
{
    private const int Count = 10_000;

    /// <summary>The working set above the start, in MB.</summary>
    public static double Memory() => While(static process => process.WorkingSet64 / 1e6);

    /// <summary>The threads above the start.</summary>
    public static double Threads() => While(static process => process.Threads.Count);

    private static double While(Func<Process, double> measure)
    {
        using var session = new Session();
        string server = ServerProcess.Shared.Http;
        session.Set("base", server);
        session.Time("1..2000 | Invoke-Concurrent -Uri { \"$base/items/$_\" }");
        double before = WhilePipelineRuns(session, measure);
        Task waiting = session.Start(
            $"1..{Count} | Invoke-Concurrent -Uri {{ \"$base/never?$_\" }} -ThrottleLimit {Count} -ConnectionTimeoutSeconds 0");
        using var client = new HttpClient();
        while (int.Parse(client.GetStringAsync(server + "/waiting").Result, CultureInfo.InvariantCulture) < Count)
        {
            if (waiting.IsCompleted)
            {
                throw new InvalidOperationException($"The requests did not wait: {waiting.Exception?.Message}");
            }

            Thread.Sleep(100);
        }

        return Now(measure) - before;
    }

    // The caller's own pipeline and thread exist in any case.
    private static double WhilePipelineRuns(Session session, Func<Process, double> measure)
    {
        using var running = new ManualResetEventSlim();
        using var measured = new ManualResetEventSlim();
        session.Set("running", running);
        session.Set("measured", measured);
        Task pipeline = session.Start("$running.Set(); $measured.Wait()");
        running.Wait();
        double now = Now(measure);
        measured.Set();
        pipeline.Wait();
        return now;
    }

    private static double Now(Func<Process, double> measure)
    {
        using Process process = Process.GetCurrentProcess();
        return measure(process);
    }
}
