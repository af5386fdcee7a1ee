using System.Net.WebSockets;
using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.WebSockets;

namespace AsyncPs.Commands;

/// <summary>Closes a web socket with the closing handshake, after pending messages have been sent.</summary>
[Cmdlet(VerbsCommon.Close, "AsyncWebSocket")]
[OutputType(typeof(void))]
public sealed class CloseAsyncWebSocketCommand : AsyncCommand
{
    /// <summary>The web socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncWebSocket>))]
    [ValidateNotNull]
    public AsyncWebSocket WebSocket { get; set; } = null!;

    /// <summary>The close status for the other side. Default: NormalClosure.</summary>
    [Parameter]
    public WebSocketCloseStatus Status { get; set; } = WebSocketCloseStatus.NormalClosure;

    /// <summary>The close reason for the other side, up to 123 bytes of UTF-8. Default: none.</summary>
    [Parameter]
    [ValidateLength(0, 123)]
    public string? Description { get; set; }

    /// <summary>How long the other side may take to answer. Default: 5 s.</summary>
    [Parameter]
    [Duration(AllowInfinite = false, AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    private protected override void Begin()
    {
        if (Description is not null && System.Text.Encoding.UTF8.GetByteCount(Description) > 123)
        {
            throw WebSocketErrors.WebSocketArgumentInvalid(
                "-Description has more than 123 bytes of UTF-8, the most that a closing handshake can carry. Shorten it.");
        }

        if (Status == WebSocketCloseStatus.Empty)
        {
            throw WebSocketErrors.WebSocketArgumentInvalid(
                "-Status Empty stands for a status that was not given; it cannot be sent. Leave -Status out.");
        }
    }

    /// <inheritdoc/>
    private protected override void Process()
    {
        if (!Wait(new ValueTask<bool>(WebSocket.CloseAsync(Status, Description, Timeout))))
        {
            WriteError(WebSocketErrors.WebSocketCloseTimeout(WebSocket, Timeout));
        }
    }
}
