using AsyncPs.Commands.Parameters;

namespace AsyncPs.Web.Commands;

/// <summary>Offers the methods of routes.</summary>
public sealed class RouteMethodCompleter() : WordCompleter("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WebSocket");

/// <summary>Offers media types.</summary>
public sealed class AnswerTypeCompleter() : WordCompleter(
    "'text/html; charset=utf-8'", "'text/plain; charset=utf-8'", "application/json", "'text/csv; charset=utf-8'", "application/xml",
    "application/octet-stream", "image/png", "image/svg+xml");

/// <summary>Offers addresses to listen on.</summary>
public sealed class ListenAddressCompleter() : WordCompleter("127.0.0.1", "::1", "0.0.0.0", "*");
