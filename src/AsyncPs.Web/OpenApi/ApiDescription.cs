using AsyncPs.Web.Hosting;
using AsyncPs.Web.Serving;

namespace AsyncPs.Web.OpenApi;

/// <summary>The description of an API for programs, at <c>/openapi.json</c>, and for people, at <c>/docs</c>.</summary>
/// <param name="Title">The name of the API.</param>
/// <param name="Version">Its version.</param>
/// <param name="PagePath">The path of the page.</param>
internal sealed record ApiDescription(string Title, string Version, string PagePath)
{
    private const string DocumentPath = "/openapi.json";
    private const string ContentType = "Content-Type";

    /// <summary>The endpoints of both, for the clients that the server admits to the other routes.</summary>
    public IEnumerable<WebEndpoint> Endpoints(IReadOnlyList<AsyncRoute> routes, WebApp app)
    {
        byte[] document = OpenApiDocument.Create(routes, Title, Version, app.Options.Scheme);
        byte[] page = ReadPage();
        return
        [
            app.FixedEndpoint(DocumentPath, exchange => SendAsync(exchange, "application/json; charset=utf-8", document)),
            app.FixedEndpoint(PagePath, exchange =>
            {
                // The page shows text of the routes, so it must not run or load anything else.
                exchange.SetHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
                return SendAsync(exchange, "text/html; charset=utf-8", page);
            }),
        ];
    }

    private static async Task SendAsync(IExchange exchange, string contentType, byte[] body)
    {
        exchange.SetHeader(ContentType, contentType);
        exchange.SetHeader("Cache-Control", "no-cache");
        exchange.SetLength(body.Length);
        await exchange.WriteAsync(body, exchange.Aborted).ConfigureAwait(false);
    }

    private static byte[] ReadPage()
    {
        using Stream stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("docs.html")!;
        byte[] page = new byte[stream.Length];
        stream.ReadExactly(page);
        return page;
    }
}
