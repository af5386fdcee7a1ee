using AsyncPs.Web.Hosting;

namespace AsyncPs.Web.Serving;

/// <summary>Which pages may open web sockets. Browsers allow any page to do so, and send the user's cookies along.</summary>
internal static class Origins
{
    /// <summary>
    /// Whether a page may: one of the server itself, one of the origins, or a client without an origin, such as a program.
    /// </summary>
    public static bool Allow(IExchange exchange, IReadOnlyList<string> origins)
        => exchange.Header("Origin") is not [var origin]
            || origins.Contains("*")
            || origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
                    && page.Authority.Equals(exchange.Uri.Authority, StringComparison.OrdinalIgnoreCase));
}
