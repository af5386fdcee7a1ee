using System.Text.RegularExpressions;
using AsyncPs.Tests.Support;

namespace AsyncPs.Tests.Web;

/// <summary>A server in a new PowerShell process, on a free port of loopback.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private ServerProcess(ChildProcess process, Uri uri)
    {
        Process = process;
        Uri = uri;
    }

    public ChildProcess Process { get; }

    public Uri Uri { get; }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="routes">A script that writes the routes.</param>
    /// <param name="parameters">More parameters of Start-AsyncServer, perhaps with a port.</param>
    /// <param name="environment">Variables of its environment.</param>
    public static async Task<ServerProcess> StartAsync(
        string routes,
        string parameters = "-NoWarmUp",
        params (string Name, string? Value)[] environment)
    {
        var process = ChildProcess.StartPowerShell(
            ["-Command", $"""
            Import-Module AsyncPs, AsyncPs.Web
            $routes = @({routes})
            Start-AsyncServer $routes {(parameters.Contains("-Port", StringComparison.Ordinal) ? "" : "-Port 0")} {parameters}
            """],
            input: "",
            environment);
        try
        {
            await process.SeeAsync("Ctrl+C stops the server");
            return new ServerProcess(process, new Uri(Address().Match(process.Output).Value));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public void Dispose() => Process.Dispose();

    [GeneratedRegex(@"http://[\d.]+:\d+/")]
    private static partial Regex Address();
}
