namespace AsyncPs.Commands.Parameters;

/// <summary>Offers request methods.</summary>
public sealed class HttpMethodCompleter() : WordCompleter("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

/// <summary>Offers media types of request bodies.</summary>
public sealed class MediaTypeCompleter()
    : WordCompleter("application/json", "application/xml", "application/x-www-form-urlencoded", "application/octet-stream", "text/plain");

/// <summary>Offers HTTP versions.</summary>
public sealed class HttpVersionCompleter() : WordCompleter("1.1", "2", "3");
