namespace AsyncPs.Commands.Parameters;

/// <summary>Offers types of errors that may pass.</summary>
public sealed class ErrorTypeCompleter() : WordCompleter(
    "HttpRequestException",
    "IOException",
    "SocketException",
    "TaskCanceledException",
    "TimeoutException",
    "UnauthorizedAccessException",
    "WebException",
    "DbException");
