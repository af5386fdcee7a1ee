namespace AsyncPs.Web.Serving;

/// <summary>
/// Warms up a server before it listens. The runtime optimizes code only after it has run for a while, so the first clients would wait
/// several times as long. A separate block gets requests like those of clients, so that no block of the user runs.
/// </summary>
internal static class RequestWarmUp
{
    private const string Path = "/{Id}";

    /// <summary>The block, which uses what blocks of routes use.</summary>
    public static readonly ScriptBlock Block = ScriptBlock.Create("""
        param([Parameter(Mandatory)][ValidateRange(1, 1000)][int] $Id, [ValidateSet('asc', 'desc')][string] $Sort = 'asc', [string] $Name)

        [pscustomobject] @{ Id = $Id; Sort = $Sort; Name = $Name; Sum = $Id * 2 + 1; Text = "item $Id" }
        """);

    /// <summary>Sends requests until the time is up.</summary>
    /// <param name="app">The routes.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task RunAsync(WebApp app, TimeSpan time, CancellationToken cancellationToken)
    {
        var route = new AsyncRoute(Path)
        {
            ScriptBlock = Block, Parameter = Routing.RouteDefinition.Read(Block, Path, hasBody: false, null, null), Anonymous = true
        };
        await using Hosting.IWebServer server = Hosting.WebFramework.Hosting.Create(new Hosting.ServerOptions(), [app.EndpointOf(route)]);
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(time);
        await Task.WhenAll(
            Enumerable.Range(0, Math.Min(Environment.ProcessorCount, app.Options.ThrottleLimit))
                .Select(one => SendAsync(server, one, end.Token)))
            .ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task SendAsync(Hosting.IWebServer server, int one, CancellationToken cancellationToken)
    {
        for (int i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            int id = ((i + one) % 1000) + 1;
            var request = new Hosting.DirectRequest("GET", $"/{id}?sort=desc&name=warm", [], []);
            await server.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
