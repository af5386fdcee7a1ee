using System.Management.Automation.Runspaces;
using AsyncPs.Shutdown;

namespace AsyncPs.Web.Serving;

/// <summary>
/// The servers that run in the process. They end with their session, before its shutdown actions: what those need is there as long as
/// requests are answered.
/// </summary>
internal static class RunningServers
{
    // A session that closes does not wait for ever.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private static readonly List<AsyncServer> Servers = [];

    static RunningServers() => SessionEnd.StopServersBy(Stop);

    /// <summary>Those that run, oldest first.</summary>
    public static IReadOnlyList<AsyncServer> All
    {
        get
        {
            lock (Servers)
            {
                return [.. Servers];
            }
        }
    }

    /// <summary>One runs from now on.</summary>
    public static void Add(AsyncServer server)
    {
        lock (Servers)
        {
            Servers.Add(server);
        }

        SessionEnd.Watch(server.Home);
    }

    /// <summary>One has ended.</summary>
    public static void Remove(AsyncServer server)
    {
        lock (Servers)
        {
            Servers.Remove(server);
        }
    }

    /// <summary>Stops those of a session, or all, and waits for their end.</summary>
    public static void Stop(Runspace? session)
        => Task.WaitAll(
            [.. All.Where(server => session is null || server.Home == session).Select(static server => server.Stop())],
            WaitLimit);
}
