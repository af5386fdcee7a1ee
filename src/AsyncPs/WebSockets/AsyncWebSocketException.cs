using System.Net.WebSockets;
using AsyncPs.Resilience;

namespace AsyncPs.WebSockets;

/// <summary>
/// A web socket that could not be opened, was lost, or was closed with an error status. Its text holds no secrets.
/// </summary>
public sealed class AsyncWebSocketException : IOException, IContainsErrorRecord, IRetryHint
{
    private readonly string _id;
    private readonly ErrorCategory _category;
    private readonly object? _target;

    internal AsyncWebSocketException(string id, ErrorCategory category, string message, object? target, Exception? inner = null)
        : base(message, inner)
    {
        _id = id;
        _category = category;
        _target = target;
    }

    /// <summary>The status with which the other side closed it; null if it gave none.</summary>
    public WebSocketCloseStatus? CloseStatus { get; internal init; }

    /// <summary>The status of the HTTP response with which the server refused the web socket; null if there was none.</summary>
    public int? HttpStatus { get; internal init; }

    /// <summary>Whether another attempt to connect may help.</summary>
    public bool IsTransient { get; internal init; }

    bool IRetryHint.MayRepeat => true;

    TimeSpan? IRetryHint.RetryAfter => null;

    /// <summary>The error, with id and category.</summary>
    public ErrorRecord ErrorRecord => new(this, _id, _category, _target);
}
