using System.Diagnostics;
using System.Globalization;

namespace AsyncPs.Bench.Http;

/// <summary>What a process needs while thousands of its requests wait for a slow server.</summary>
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
        double before = Now(measure);
        Task waiting = session.Start($"1..{Count} | Invoke-Concurrent -Uri {{ \"$base/never?$_\" }} -ThrottleLimit {Count} -ConnectionTimeoutSeconds 0");
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

    private static double Now(Func<Process, double> measure)
    {
        using Process process = Process.GetCurrentProcess();
        return measure(process);
    }
}
