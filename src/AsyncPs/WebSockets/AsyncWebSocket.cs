using System.Net.WebSockets;
using System.Reflection;
using System.Text;
using System.Threading.Channels;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Requests;
using AsyncPs.Streams;

namespace AsyncPs.WebSockets;

/// <summary>
/// An open web socket. Its messages are an asynchronous stream: text as strings, binary as byte arrays, each complete and delivered to one
/// reader only. A few are received ahead, which also answers the server's pings; beyond that the server has to wait.
/// </summary>
public sealed class AsyncWebSocket : IAsyncEnumerable<object?>, IStreamable, IAsyncDisposable, IDisposable
{
    private const int Ahead = 16;

    // The default time for the other side to finish the closing handshake.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // With this option (.NET 9), a server that does not answer a ping is detected.
    private static readonly PropertyInfo? KeepAliveTimeout = typeof(ClientWebSocketOptions).GetProperty("KeepAliveTimeout");

    private readonly WebSocket _socket;
    private readonly Channel<object> _messages = Channel.CreateBounded<object>(new BoundedChannelOptions(Ahead) { SingleWriter = true });
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly object _lock = new();
    private readonly Task _receiving;
    private Task<bool>? _close;
    private long _received;
    private long _sent;

    /// <summary>Wraps an open web socket of either side.</summary>
    /// <param name="socket">The web socket.</param>
    /// <param name="uri">Its address, as it may be shown.</param>
    /// <param name="maximumMessageSize">The largest message, in bytes.</param>
    internal AsyncWebSocket(WebSocket socket, string uri, int maximumMessageSize)
    {
        _socket = socket;
        Uri = uri;
        MaximumMessageSize = maximumMessageSize;
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>The address, without user name, password and the values of the query.</summary>
    public string Uri { get; }

    /// <summary>Its state.</summary>
    public WebSocketState State => _socket.State;

    /// <summary>The protocol that the server chose from the offered ones; null if none.</summary>
    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>The status with which the other side closed it; null if it did not.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>The reason that the other side gave when it closed it.</summary>
    public string? CloseDescription => _socket.CloseStatusDescription;

    /// <summary>The largest message, in bytes.</summary>
    public int MaximumMessageSize { get; }

    /// <summary>How many messages were received.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>How many received messages were not read yet.</summary>
    public int Count => _messages.Reader.Count;

    /// <summary>How many messages were sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Sends text. Concurrent messages are sent one after another.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cancellationToken">Ends the wait; a message that is being sent is still sent.</param>
    /// <returns>A task that completes when the message was sent.</returns>
    /// <exception cref="AsyncWebSocketException">The web socket is no longer open.</exception>
    public Task SendAsync(string text, CancellationToken cancellationToken = default)
        => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellationToken);

    /// <summary>Sends a binary message.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="cancellationToken">Ends the wait; a message that is being sent is still sent.</param>
    /// <returns>A task that completes when the message was sent.</returns>
    /// <exception cref="AsyncWebSocketException">The web socket is no longer open.</exception>
    public Task SendAsync(byte[] bytes, CancellationToken cancellationToken = default)
        => SendAsync(bytes, WebSocketMessageType.Binary, cancellationToken);

    /// <summary>Closes it: pending messages are sent, the other side is told, and has time to answer.</summary>
    /// <param name="status">The close status.</param>
    /// <param name="description">The reason for the other side.</param>
    /// <param name="timeout">How long it may take. Default: 5 s.</param>
    /// <returns>False when the other side did not answer in time, and the connection was abandoned.</returns>
    public Task<bool> CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? description = null, TimeSpan? timeout = null)
    {
        lock (_lock)
        {
            return _close ??= Task.Run(() => CloseOnceAsync(status, description, timeout ?? Grace));
        }
    }

    /// <summary>Reads the messages until the web socket is closed.</summary>
    /// <param name="cancellationToken">Ends the reading, not the web socket.</param>
    /// <exception cref="AsyncWebSocketException">It was lost, or closed with an error status.</exception>
    public IAsyncEnumerator<object?> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => _messages.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>
    /// Drops the connection at once, without a closing handshake; <see cref="CloseAsync"/> does that. Received messages can still be read.
    /// </summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _close ??= Task.FromResult(true);
        }

        _closing.Cancel();
        _socket.Abort();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => Uri;

    /// <summary>Opens a web socket.</summary>
    /// <exception cref="AsyncWebSocketException">The server was not reached, or refused.</exception>
    /// <exception cref="ConcurrentArgumentException">A header or a protocol cannot be sent.</exception>
    internal static async ValueTask<AsyncWebSocket> ConnectAsync(WebSocketOptions options, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            Configure(socket.Options, options);
            await socket.ConnectAsync(options.Uri, cancellationToken).ConfigureAwait(false);
            return new AsyncWebSocket(socket, Uris.Show(options.Uri), options.MaximumMessageSize);
        }
        catch (WebSocketException e)
        {
            int status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw WebSocketErrors.WebSocketConnectFailed(options.Uri, status, e, Proxies.OfSystem(options.Uri));
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    StreamSource IStreamable.Open(CancellationToken stopping) => new ChannelSource<object>(_messages.Reader, stopping);

    private static void Configure(ClientWebSocketOptions socket, WebSocketOptions options)
    {
        socket.CollectHttpResponseDetails = true;
        socket.KeepAliveInterval = options.KeepAlive;
        if (options.KeepAlive > TimeSpan.Zero)
        {
            KeepAliveTimeout?.SetValue(socket, options.KeepAlive);
        }

        if (options.SkipsCertificateCheck)
        {
            socket.RemoteCertificateValidationCallback = ConnectionSet.AcceptAny;
        }

        foreach (Header header in options.Headers)
        {
            Try(
                () => socket.SetRequestHeader(header.Name, header.Value),
                $"-Headers: '{header.Name}' cannot be sent. Its name or its value has characters that headers must not have, or it "
                    + "is one that web sockets set themselves.");
        }

        foreach (string protocol in options.SubProtocols)
        {
            Try(
                () => socket.AddSubProtocol(protocol),
                $"-SubProtocol: '{protocol}' is not the name of a protocol, or is named twice. Take letters, digits and the like, "
                    + "without spaces.");
        }
    }

    // The message of the exception could show the value.
    private static void Try(Action set, string error)
    {
        try
        {
            set();
        }
        catch (ArgumentException)
        {
            throw WebSocketErrors.WebSocketArgumentInvalid(error);
        }
    }

    // Canceling a send that has begun would break the connection. The caller may stop waiting; the message is still sent.
    private async Task SendAsync(byte[] bytes, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task sending = SendNowAsync(bytes, type);
        try
        {
            await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            sending.Forget();
            throw;
        }
    }

    private async Task SendNowAsync(byte[] bytes, WebSocketMessageType type)
    {
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            Interlocked.Increment(ref _sent);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or IOException or OperationCanceledException)
        {
            throw WebSocketErrors.WebSocketNotOpen(this, e);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            var reader = new MessageReader(_socket, MaximumMessageSize);
            while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } message)
            {
                await HandOverAsync(message).ConfigureAwait(false);
            }

            failure = ReasonOfClose();
            await AnswerAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure).ConfigureAwait(false);
        }
        catch (MessageTooLargeException)
        {
            failure = WebSocketErrors.WebSocketMessageTooLarge(this);
            await AnswerAsync(WebSocketCloseStatus.MessageTooBig).ConfigureAwait(false);
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.Faulted && !_closing.IsCancellationRequested)
        {
            // .NET has already reported this to the other side.
            failure = WebSocketErrors.WebSocketProtocolViolated(this, e);
        }
        catch (Exception e)
        {
            failure = _closing.IsCancellationRequested ? null : WebSocketErrors.WebSocketDropped(this, e);
        }
        finally
        {
            _socket.Dispose();
            _messages.Writer.TryComplete(failure);
        }
    }

    // Once it is being closed, unread messages are kept, and messages that still arrive are dropped.
    private async ValueTask HandOverAsync(object message)
    {
        Interlocked.Increment(ref _received);
        try
        {
            await _messages.Writer.WriteAsync(message, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The message has no reader any more.
        }
    }

    private AsyncWebSocketException? ReasonOfClose()
        => _socket.CloseStatus is { } status and not (
            WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable or WebSocketCloseStatus.Empty)
            ? WebSocketErrors.WebSocketClosedWithError(this, status, _socket.CloseStatusDescription)
            : null;

    // Completes a handshake that the other side has begun, or begins one that it need not answer.
    private async Task AnswerAsync(WebSocketCloseStatus status)
    {
        using var time = new CancellationTokenSource(Grace);
        try
        {
            await SendCloseAsync(
                status == WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : status,
                null,
                time.Token).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is WebSocketException or OperationCanceledException or InvalidOperationException or IOException or ArgumentException)
        {
            // The other side is gone and needs no answer.
        }
    }

    // Waits for the message that is being sent.
    private async Task SendCloseAsync(WebSocketCloseStatus status, string? description, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(status, description, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task<bool> CloseOnceAsync(WebSocketCloseStatus status, string? description, TimeSpan timeout)
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        using var time = new CancellationTokenSource();
        time.CancelAfter(timeout);
        bool inTime = true;
        try
        {
            await SendCloseAsync(status, description, time.Token).ConfigureAwait(false);

            await _receiving.WaitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            inTime = false;
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or IOException)
        {
            // The connection was already lost.
        }

        if (!_receiving.IsCompleted)
        {
            _socket.Abort();
            await _receiving.ConfigureAwait(false);
        }

        return inTime;
    }
}
