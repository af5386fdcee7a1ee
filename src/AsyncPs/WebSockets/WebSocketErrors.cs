using System.Net.WebSockets;
using AsyncPs.Http.Requests;
using static AsyncPs.ErrorRecords;
using static AsyncPs.Http.HttpFailures;

namespace AsyncPs.WebSockets;

/// <summary>The errors of web sockets. None shows a header, a password or the values of a query.</summary>
internal static class WebSocketErrors
{
    /// <summary>An argument from which no web socket can be opened.</summary>
    public static ConcurrentArgumentException WebSocketArgumentInvalid(string message)
        => new(Create(message, "WebSocketArgumentInvalid", ErrorCategory.InvalidArgument, null));

    /// <summary>A server that was not reached, or has refused.</summary>
    /// <param name="uri">Where to.</param>
    /// <param name="status">The status of the response; zero if there was none.</param>
    /// <param name="inner">What the connection threw.</param>
    /// <param name="proxy">The proxy that it went through, or null.</param>
    public static AsyncWebSocketException WebSocketConnectFailed(Uri uri, int status, Exception inner, Uri? proxy)
    {
        (ErrorCategory category, string reason, bool transient) = status switch
        {
            0 when Classify(Inner<HttpRequestException>(inner) ?? inner, proxy) is var failure
                => (failure.Category, failure.What, failure.Transient),
            101
                => (
                    ErrorCategory.ProtocolError,
                    $"what answers there does not speak web sockets as it should: {Innermost(inner).Message}",
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

    /// <summary>A server that has not opened the web socket in time.</summary>
    public static ErrorRecord WebSocketConnectTimeout(Uri uri, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{Uris.Show(uri)}: no web socket was opened within {Duration(timeout)}. Give -Timeout more time, or check the address."),
            "WebSocketConnectTimeout",
            ErrorCategory.OperationTimeout,
            Uris.Show(uri));

    /// <summary>A connection that broke off without a word.</summary>
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

    /// <summary>A server that has sent what no web socket sends.</summary>
    public static AsyncWebSocketException WebSocketProtocolViolated(AsyncWebSocket socket, Exception inner)
        => new(
            "WebSocketProtocolViolated",
            ErrorCategory.ProtocolError,
            $"{socket.Uri}: the server does not keep to the web socket protocol, so the web socket was closed. {inner.Message}",
            socket,
            inner)
        {
            CloseStatus = WebSocketCloseStatus.ProtocolError,
        };

    /// <summary>A web socket that the other side has closed for a reason that is an error.</summary>
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
                + "Give Connect-AsyncWebSocket a larger -MaximumMessageSize.",
            socket)
        {
            CloseStatus = WebSocketCloseStatus.MessageTooBig,
        };

    /// <summary>A message for a web socket that is not open any more.</summary>
    public static AsyncWebSocketException WebSocketNotOpen(AsyncWebSocket socket, Exception? inner)
        => new(
            "WebSocketNotOpen",
            ErrorCategory.InvalidOperation,
            $"{socket.Uri}: the web socket is not open any more ({socket.State}): the message was not sent. "
                + "Connect again, and send it again.",
            socket,
            inner);

    /// <summary>A message that the other side has not taken in time.</summary>
    public static ErrorRecord WebSocketWriteTimeout(AsyncWebSocket socket, object? message, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{socket.Uri}: a message was not sent within {Duration(timeout)}, because the other side does not read. "
                    + "It is sent when the other side does. Give -Timeout more time, or close the web socket."),
            "WebSocketWriteTimeout",
            ErrorCategory.OperationTimeout,
            message);

    /// <summary>Something that is no message.</summary>
    public static ErrorRecord WebSocketMessageInvalid(object? message)
        => new(
            new PSArgumentException(
                message is byte
                    ? "A byte is no message. The pipeline takes arrays apart: send one as it is with ', "
                        + "$bytes | Write-AsyncWebSocket $socket', or as the argument of -InputObject."
                    : $"A message is text or byte[], not {message?.GetType().ToString() ?? "$null"}. "
                        + "Make text of it, for example with ConvertTo-Json -Compress."),
            "WebSocketMessageInvalid",
            ErrorCategory.InvalidType,
            message);

    /// <summary>A closing handshake that the other side has not finished in time.</summary>
    public static ErrorRecord WebSocketCloseTimeout(AsyncWebSocket socket, TimeSpan timeout)
        => new(
            new TimeoutException(
                $"{socket.Uri}: the other side did not finish the closing handshake within {Duration(timeout)}; "
                    + "the connection was given up."),
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
