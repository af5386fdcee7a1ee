namespace AsyncPs.Commands.Parameters;

/// <summary>Offers types of transient errors.</summary>
public sealed class ErrorTypeCompleter() : WordCompleter(
    "HttpRequestException",
    "IOException",
    "SocketException",
    "TaskCanceledException",
    "TimeoutException",
    "UnauthorizedAccessException",
    "WebException",
    "DbException");
