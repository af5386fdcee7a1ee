using System.Management.Automation.Runspaces;
using AsyncPs.Shutdown;

namespace AsyncPs.Web.Serving;

/// <summary>
/// The running servers of the process. They end with their session, before its shutdown actions, so that what requests need exists as long
/// as they are answered.
/// </summary>
internal static class RunningServers
{
    // A session that closes does not wait forever.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private static readonly List<AsyncServer> Servers = [];

    static RunningServers() => SessionEnd.StopServersBy(Stop);

    /// <summary>The running servers, oldest first.</summary>
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

    /// <summary>Adds a server.</summary>
    public static void Add(AsyncServer server)
    {
        lock (Servers)
        {
            Servers.Add(server);
        }

        SessionEnd.Watch(server.Home);
    }

    /// <summary>Removes a server that has ended.</summary>
    public static void Remove(AsyncServer server)
    {
        lock (Servers)
        {
            Servers.Remove(server);
        }
    }

    /// <summary>Stops the servers of a session, or all, and waits for their end.</summary>
    public static void Stop(Runspace? session)
        => Task.WaitAll(
            [.. All.Where(server => session is null || server.Home == session).Select(static server => server.Stop())],
            WaitLimit);
}
