using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.Http.Requests;
using AsyncPs.WebSockets;

namespace AsyncPs.Commands;

/// <summary>Opens a web socket (aiohttp's <c>ws_connect</c>, the <c>connect</c> of Python's websockets).</summary>
[Cmdlet(VerbsCommunications.Connect, "AsyncWebSocket")]
[OutputType(typeof(AsyncWebSocket))]
public sealed class ConnectAsyncWebSocketCommand : AsyncCommand
{
    /// <summary>The address: a URI with ws or wss.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Url")]
    [ValidateNotNull]
    public Uri Uri { get; set; } = null!;

    /// <summary>Headers of the opening request, names and values.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Headers { get; set; }

    /// <summary>The protocols that the server may choose from, in order of preference.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SubProtocol { get; set; } = [];

    /// <summary>How often the connection is kept alive while nothing is sent. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long opening may take. Default: 30 s.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message, in bytes. Default: 16 MB.</summary>
    [Parameter]
    [ValidateRange(1, 1024 * 1024 * 1024)]
    public int MaximumMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>Accepts any certificate of the server.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc/>
    private protected override void Process()
    {
        WebSocketOptions options = CreateOptions();
        try
        {
            if (TryWait(token => AsyncWebSocket.ConnectAsync(options, token), Timeout, out AsyncWebSocket? socket))
            {
                WriteObject(socket);
            }
            else
            {
                ThrowTerminatingError(WebSocketErrors.WebSocketConnectTimeout(options.Uri, Timeout));
            }
        }
        catch (AsyncWebSocketException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }
    }

    private WebSocketOptions CreateOptions()
    {
        if (Uri is not { IsAbsoluteUri: true, Scheme: "ws" or "wss" })
        {
            throw WebSocketErrors.WebSocketArgumentInvalid(
                $"-Uri: '{Uris.Show(Uri.OriginalString)}' does not begin with ws:// or wss://, as the address of a web socket does.");
        }

        List<Header> headers = ParseHeaders();
        if (Uri.UserInfo.Length > 0 && !headers.Exists(static h => h.Is(BasicAuthorization.HeaderName)))
        {
            headers.Add(new Header(BasicAuthorization.HeaderName, BasicAuthorization.OfUserInfo(Uri.UserInfo)));
        }

        return new WebSocketOptions(Uris.WithoutUserInfo(Uri))
        {
            Headers = headers,
            SubProtocols = SubProtocol,
            KeepAlive = KeepAlive,
            MaximumMessageSize = MaximumMessageSize,
            SkipsCertificateCheck = SkipCertificateCheck,
        };
    }

    private List<Header> ParseHeaders()
    {
        try
        {
            return HeaderList.Parse(Headers);
        }
        catch (FormatException e)
        {
            throw WebSocketErrors.WebSocketArgumentInvalid("-Headers: " + e.Message);
        }
    }
}
