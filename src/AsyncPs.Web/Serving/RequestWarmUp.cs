using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime;
using System.Text;

namespace AsyncPs.Web.Serving;

/// <summary>
/// Warms up a server before it listens. The runtime optimizes code only after it has run for a while, so the first clients would wait
/// several times as long. A separate block gets requests like those of clients, so that no block of the user runs.
/// </summary>
internal static class RequestWarmUp
{
    private const string Path = "/{Id}";
    private const int MostClients = 4;

    // The runtime is done when it has compiled few methods in each of this many checks.
    private const int QuietLooks = 3;
    private const int FewMethods = 5;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(1);

    /// <summary>The block, which uses what blocks of routes use.</summary>
    public static readonly ScriptBlock Block = ScriptBlock.Create("""
        param([Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('asc', 'desc')][string] $Sort = 'asc', [string] $Name)

        [pscustomobject] @{ Id = $Id; Sort = $Sort; Name = $Name; Sum = $Id * 2 + 1; Text = "item $Id" }
        """);

    /// <summary>Sends requests until the runtime has compiled what they run, or the time is over.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(WebApp app, CancellationToken cancellationToken)
    {
        if (app.Options.Throttle is not null)
        {
            // The throttle's permits are for the requests of clients.
            return;
        }

        var route = new AsyncRoute(Path)
        {
            ScriptBlock = Block, Parameter = Routing.RouteDefinition.Read(Block, Path, hasBody: false, null, null), Anonymous = true
        };

        // Over loopback connections, so that the code that reads and writes them is compiled too.
        var options = new Hosting.ServerOptions { Addresses = [IPAddress.Loopback], AllowedHosts = ["localhost"] };
        await using Hosting.IWebServer server = Hosting.WebFramework.Hosting.Create(options, [app.EndpointOf(route)]);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // There is no loopback: the first requests take longer.
            return;
        }

        using var end = new CancellationTokenSource();
        using var abort = new CancellationTokenSource();
        int port = new Uri(server.Addresses[0]).Port;
        Task[] clients =
        [
            .. Enumerable.Range(0, Math.Min(MostClients, app.Options.ThrottleLimit)).Select(_ => SendAsync(port, end.Token, abort.Token))
        ];
        try
        {
            await UntilCompiledAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            abort.CancelAfter(LastAnswers);
            await Task.WhenAll(clients).ConfigureAwait(false);
        }
    }

    // The runtime recompiles frequently used code in the background with more optimizations, a tenth of a second after it has last
    // compiled new code.
    private static async Task UntilCompiledAsync(CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        long compiled = 0;
        for (int quiet = 0; quiet < QuietLooks && Stopwatch.GetElapsedTime(begun) < LongestTime;)
        {
            await Task.Delay(LookInterval, cancellationToken).ConfigureAwait(false);
            long now = JitInfo.GetCompiledMethodCount();
            quiet = now - compiled < FewMethods ? quiet + 1 : 0;
            compiled = now;
        }
    }

    // The last request is answered too.
    private static async Task SendAsync(int port, CancellationToken end, CancellationToken abort)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        byte[] answer = new byte[4096];
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, abort).ConfigureAwait(false);
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                byte[] request =
                    Encoding.ASCII.GetBytes($"GET /{(i % 1000) + 1}?sort=desc&name=warm HTTP/1.1\r\nHost: localhost\r\n\r\n");
                await socket.SendAsync(request, abort).ConfigureAwait(false);

                // It is JSON, and so ends with a brace.
                for (int count = 0; count == 0 || answer[count - 1] != '}';)
                {
                    int received = await socket.ReceiveAsync(answer.AsMemory(count), abort).ConfigureAwait(false);
                    if (received == 0)
                    {
                        return;
                    }

                    count += received;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The server has ended the connection, or does not answer.
        }
    }
}
