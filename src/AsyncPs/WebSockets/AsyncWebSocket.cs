using System.Net.WebSockets;
using System.Reflection;
using System.Text;
using System.Threading.Channels;
using AsyncPs.Http.Connections;
using AsyncPs.Http.Requests;
using AsyncPs.Streams;

namespace AsyncPs.WebSockets;

/// <summary>
/// An open web socket. Its messages are an asynchronous stream: text as strings, binary as byte arrays, each whole and to one reader
/// only. A few are received before anybody asks, which also answers the server's pings; beyond that the server has to wait.
/// </summary>
public sealed class AsyncWebSocket : IAsyncEnumerable<object?>, IStreamable, IAsyncDisposable, IDisposable
{
    private const int Ahead = 16;

    // How long the other side may take over the end when nobody says.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // Where the runtime has it (.NET 9), a server that does not answer a ping is found out.
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

    /// <summary>Takes over an open web socket, of either side.</summary>
    /// <param name="socket">The web socket.</param>
    /// <param name="uri">Where it leads, as it may be shown.</param>
    /// <param name="maximumMessageSize">How many bytes a message may have.</param>
    internal AsyncWebSocket(WebSocket socket, string uri, int maximumMessageSize)
    {
        _socket = socket;
        Uri = uri;
        MaximumMessageSize = maximumMessageSize;
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>Where it leads, without user name, password and the values of the query.</summary>
    public string Uri { get; }

    /// <summary>Whether it is open; what has become of it otherwise.</summary>
    public WebSocketState State => _socket.State;

    /// <summary>What the server has chosen of the protocols it was offered; null if nothing.</summary>
    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>Why the other side has closed it; null if it has not.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>What the other side has said when it closed it.</summary>
    public string? CloseDescription => _socket.CloseStatusDescription;

    /// <summary>How many bytes a message may have.</summary>
    public int MaximumMessageSize { get; }

    /// <summary>How many messages have come.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>How many of them have not been read yet.</summary>
    public int Count => _messages.Reader.Count;

    /// <summary>How many messages were sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Sends text. Several messages at once are sent one after another.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cancellationToken">Ends the wait; a message that has begun to leave is sent all the same.</param>
    /// <returns>A task that is done when the message has left.</returns>
    /// <exception cref="AsyncWebSocketException">The web socket is not open any more.</exception>
    public Task SendAsync(string text, CancellationToken cancellationToken = default)
        => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellationToken);

    /// <summary>Sends a binary message.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="cancellationToken">Ends the wait; a message that has begun to leave is sent all the same.</param>
    /// <returns>A task that is done when the message has left.</returns>
    /// <exception cref="AsyncWebSocketException">The web socket is not open any more.</exception>
    public Task SendAsync(byte[] bytes, CancellationToken cancellationToken = default)
        => SendAsync(bytes, WebSocketMessageType.Binary, cancellationToken);

    /// <summary>Closes it: what is being sent leaves, the other side is told, and has the time to answer.</summary>
    /// <param name="status">Why.</param>
    /// <param name="description">What the other side is told.</param>
    /// <param name="timeout">How long it may take. Default: 5 s.</param>
    /// <returns>False when the other side did not answer in time, and the connection was given up.</returns>
    public Task<bool> CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? description = null, TimeSpan? timeout = null)
    {
        lock (_lock)
        {
            return _close ??= Task.Run(() => CloseOnceAsync(status, description, timeout ?? Grace));
        }
    }

    /// <summary>Reads the messages until the web socket is closed.</summary>
    /// <param name="cancellationToken">Ends the reading, not the web socket.</param>
    /// <exception cref="AsyncWebSocketException">It was lost, or closed for a reason that is an error.</exception>
    public IAsyncEnumerator<object?> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => _messages.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>
    /// Gives the connection up at once, without a word to the other side: only <see cref="CloseAsync"/> takes leave. What has come is
    /// still there to read.
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
    /// <exception cref="AsyncWebSocketException">The server was not reached, or has refused.</exception>
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
            Try(() => socket.SetRequestHeader(header.Name, header.Value), $"-Headers: '{header.Name}' cannot be sent. Its name or its value has characters that headers must not have, or it is one that web sockets set themselves.");
        }

        foreach (string protocol in options.SubProtocols)
        {
            Try(() => socket.AddSubProtocol(protocol), $"-SubProtocol: '{protocol}' is not the name of a protocol, or is named twice. Take letters, digits and the like, without spaces.");
        }
    }

    // What the exception says could show the value.
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

    // The token of a send that has begun would tear the connection down: whoever waits may go, the message leaves.
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
            // .NET has told the other side so.
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

    // Once it is being closed, what has not been read yet is kept, and what still comes is not.
    private async ValueTask HandOverAsync(object message)
    {
        Interlocked.Increment(ref _received);
        try
        {
            await _messages.Writer.WriteAsync(message, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // There is no reader for it any more.
        }
    }

    private AsyncWebSocketException? ReasonOfClose()
        => _socket.CloseStatus is { } status and not (WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable or WebSocketCloseStatus.Empty)
            ? WebSocketErrors.WebSocketClosedWithError(this, status, _socket.CloseStatusDescription)
            : null;

    // The other half of a handshake that the other side has begun, or the beginning of one that it need not answer.
    private async Task AnswerAsync(WebSocketCloseStatus status)
    {
        using var time = new CancellationTokenSource(Grace);
        try
        {
            await SendCloseAsync(status == WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : status, null, time.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException or IOException or ArgumentException)
        {
            // The other side is gone: it needs no answer.
        }
    }

    // After what is being sent.
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
            // It was lost already.
        }

        if (!_receiving.IsCompleted)
        {
            _socket.Abort();
            await _receiving.ConfigureAwait(false);
        }

        return inTime;
    }
}
