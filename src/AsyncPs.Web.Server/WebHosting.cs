using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Server;

/// <summary>Creates servers on Kestrel, or without a port.</summary>
internal sealed class WebHosting : IWebHosting
{
    /// <inheritdoc/>
    public IWebServer Create(ServerOptions options, IReadOnlyList<WebEndpoint> endpoints) => new WebServer(options, endpoints);
}
