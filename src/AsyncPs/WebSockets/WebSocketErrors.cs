using System.Net.WebSockets;
using AsyncPs.Http.Requests;
using static AsyncPs.ErrorRecords;
using static AsyncPs.Http.HttpFailures;

namespace AsyncPs.WebSockets;

/// <summary>The errors of web sockets. None shows a header, a password or the values of a query.</summary>
internal static class WebSocketErrors
{
    /// <summary>An argument with which no web socket can be opened.</summary>
    public static ConcurrentArgumentException WebSocketArgumentInvalid(string message)
        => new(Create(message, "WebSocketArgumentInvalid", ErrorCategory.InvalidArgument, null));

    /// <summary>A server that was not reached, or refused.</summary>
    /// <param name="uri">The address.</param>
    /// <param name="status">The status of the response; zero if there was none.</param>
    /// <param name="inner">The exception of the connection.</param>
    /// <param name="proxy">The proxy of the connection, or null.</param>
    public static AsyncWebSocketException WebSocketConnectFailed(Uri uri, int status, Exception inner, Uri? proxy)
    {
        (ErrorCategory category, string reason, bool transient) = status switch
        {
            0 when Classify(Inner<HttpRequestException>(inner) ?? inner, proxy) is var failure
                => (failure.Category, failure.What, failure.Transient),
            101
                => (
                    ErrorCategory.ProtocolError,
                    $"the server does not follow the web socket protocol: {Innermost(inner).Message}",
                    false),
            _ => (
                ErrorCategory.ConnectionError,
                $"the server answered {status} instead of opening a web socket. Check the address, "
                    + $"and what -Headers and -SubProtocol must say.{Through(proxy)}",
                status is 408 or 429 or >= 500),
        };
        return new("WebSocketConnectFailed", category, $"{Uris.Show(uri)}: {reason}", Uris.Show(uri), inner)
        {
            HttpStatus = status == 0 ? null : status,
            IsTransient = transient,
        };
    }

    /// <summary>A server that did not open the web socket in time.</summary>
    public static ErrorRecord WebSocketConnectTimeout(Uri uri, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{Uris.Show(uri)}: no web socket was opened within {Duration(timeout)}. Use a longer -Timeout, or check the address."),
            "WebSocketConnectTimeout",
            ErrorCategory.OperationTimeout,
            Uris.Show(uri));

    /// <summary>A connection that was lost without a closing handshake.</summary>
    public static AsyncWebSocketException WebSocketDropped(AsyncWebSocket socket, Exception? inner)
        => new(
            "WebSocketDropped",
            ErrorCategory.ConnectionError,
            $"{socket.Uri}: the connection was lost without a closing handshake. Connect again, for example with Invoke-WithRetry.",
            socket,
            inner)
        {
            IsTransient = true,
        };

    /// <summary>A server that violates the protocol.</summary>
    public static AsyncWebSocketException WebSocketProtocolViolated(AsyncWebSocket socket, Exception inner)
        => new(
            "WebSocketProtocolViolated",
            ErrorCategory.ProtocolError,
            $"{socket.Uri}: the server does not follow the web socket protocol, so the web socket was closed. {inner.Message}",
            socket,
            inner)
        {
            CloseStatus = WebSocketCloseStatus.ProtocolError,
        };

    /// <summary>A web socket that the other side closed with an error status.</summary>
    public static AsyncWebSocketException WebSocketClosedWithError(AsyncWebSocket socket, WebSocketCloseStatus status, string? description)
        => new(
            "WebSocketClosedWithError",
            ErrorCategory.ConnectionError,
            $"{socket.Uri}: the server closed the web socket with status {(int)status} "
                + $"({status}){(description is { Length: > 0 } ? ": " + description : "")}.",
            socket)
        {
            CloseStatus = status,
            IsTransient = status is WebSocketCloseStatus.InternalServerError or (WebSocketCloseStatus)1012 or (WebSocketCloseStatus)1013,
        };

    /// <summary>A message that is larger than allowed.</summary>
    public static AsyncWebSocketException WebSocketMessageTooLarge(AsyncWebSocket socket)
        => new(
            "WebSocketMessageTooLarge",
            ErrorCategory.LimitsExceeded,
            $"{socket.Uri}: a message has more than {socket.MaximumMessageSize:N0} bytes; the web socket was closed. "
                + "Use a larger -MaximumMessageSize of Connect-AsyncWebSocket.",
            socket)
        {
            CloseStatus = WebSocketCloseStatus.MessageTooBig,
        };

    /// <summary>A message for a web socket that is no longer open.</summary>
    public static AsyncWebSocketException WebSocketNotOpen(AsyncWebSocket socket, Exception? inner)
        => new(
            "WebSocketNotOpen",
            ErrorCategory.InvalidOperation,
            $"{socket.Uri}: the web socket is no longer open ({socket.State}): the message was not sent. "
                + "Connect again, and send it again.",
            socket,
            inner);

    /// <summary>A message that the other side did not accept in time.</summary>
    public static ErrorRecord WebSocketWriteTimeout(AsyncWebSocket socket, object? message, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{socket.Uri}: a message was not sent within {Duration(timeout)}, because the other side does not read. "
                    + "It is sent when the other side does. Use a longer -Timeout, or close the web socket."),
            "WebSocketWriteTimeout",
            ErrorCategory.OperationTimeout,
            message);

    /// <summary>An object that is not a message.</summary>
    public static ErrorRecord WebSocketMessageInvalid(object? message)
        => new(
            new PSArgumentException(
                message is byte
                    ? "A byte is not a message. The pipeline unrolls arrays: send a whole array with ', "
                        + "$bytes | Write-AsyncWebSocket $socket', or as the argument of -InputObject."
                    : $"A message is text or byte[], not {message?.GetType().ToString() ?? "$null"}. "
                        + "Convert it to text, for example with ConvertTo-Json -Compress."),
            "WebSocketMessageInvalid",
            ErrorCategory.InvalidType,
            message);

    /// <summary>A closing handshake that the other side did not finish in time.</summary>
    public static ErrorRecord WebSocketCloseTimeout(AsyncWebSocket socket, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{socket.Uri}: the other side did not finish the closing handshake within {Duration(timeout)}; "
                    + "the connection was abandoned."),
            "WebSocketCloseTimeout",
            ErrorCategory.OperationTimeout,
            socket);

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}
