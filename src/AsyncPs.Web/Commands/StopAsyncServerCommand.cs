using System.Management.Automation.Runspaces;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Concurrency;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web.Commands;

/// <summary>Stops servers: they accept no more requests, and running ones may finish.</summary>
[Cmdlet(VerbsLifecycle.Stop, "AsyncServer", DefaultParameterSetName = ServerSet, SupportsShouldProcess = true)]
public sealed class StopAsyncServerCommand : AsyncCommand
{
    private const string ServerSet = "Server";
    private const string PortSet = "Port";

    /// <summary>The servers. Default: in the block of a route its own server, otherwise all of the session.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncServer>))]
    public AsyncServer[]? Server { get; set; }

    /// <summary>The port of the server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PortSet)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>Cancels the running requests instead of letting them finish.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override void Process()
    {
        AsyncServer[] servers = Find();
        if (servers.Length == 0 && ParameterSetName == PortSet)
        {
            WriteError(WebErrors.ServerNotFound(Port));
        }

        List<Task> ends = [];
        foreach (AsyncServer server in servers)
        {
            if (!ShouldProcess(server.Location, "Stop"))
            {
                continue;
            }

            Task end = server.Stop();
            if (Force)
            {
                server.Run.Hurry();
            }

            // A request that stops its own server must not wait for it, because the server waits for the request.
            if (!server.IsOwnRequest)
            {
                ends.Add(end);
            }
        }

        Wait(new ValueTask(Task.WhenAll(ends)));
    }

    private AsyncServer[] Find()
    {
        IReadOnlyList<AsyncServer> running = RunningServers.All;
        if (ParameterSetName == PortSet)
        {
            return [.. running.Where(server => server.Port == Port)];
        }

        if (Server is not null)
        {
            return Server;
        }

        AsyncServer[] own = [.. running.Where(static server => server.IsOwnRequest)];
        Runspace? home = WorkItem.Current?.Call.Home ?? Runspace.DefaultRunspace;
        return own.Length > 0 ? own : [.. running.Where(server => server.Home == home)];
    }
}
