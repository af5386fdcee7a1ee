using System.Collections;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace AsyncPs.Tests.Support;

/// <summary>What the module keeps in the process at this moment.</summary>
public static class Counters
{
    private const string WorkerName = "AsyncPs worker";

    /// <summary>Live worker threads; where the system does not tell, open worker runspaces.</summary>
    public static int WorkerThreads => OperatingSystem.IsLinux()
        ? Directory.EnumerateDirectories("/proc/self/task").Count(IsWorker)
        : WorkerRunspaces.Count;

    /// <summary>Worker sessions that are not disposed.</summary>
    public static IReadOnlyList<Runspace> WorkerRunspaces
    {
        get
        {
            PropertyInfo list = typeof(Runspace).GetProperty(
                "RunspaceList",
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
                ?? throw new MissingMemberException(nameof(Runspace), "RunspaceList");
            return [.. ((IEnumerable)list.GetValue(null)!)
                .Cast<Runspace>()
                .Where(r => r.Name.StartsWith(WorkerName, StringComparison.Ordinal))];
        }
    }

    /// <summary>Memory in use after everything unreachable is gone.</summary>
    public static long Memory
    {
        get
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    private static bool IsWorker(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith(WorkerName, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has just ended.
            return false;
        }
    }
}
