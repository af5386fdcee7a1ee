using AsyncPs.Commands.Base;
using AsyncPs.Commands.Parameters;
using AsyncPs.WebSockets;

namespace AsyncPs.Commands;

/// <summary>Sends messages to a web socket; while the other side does not read, the pipeline waits.</summary>
[Cmdlet(VerbsCommunications.Write, "AsyncWebSocket")]
[OutputType(typeof(void))]
public sealed class WriteAsyncWebSocketCommand : AsyncCommand
{
    /// <summary>The web socket.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(VariableCompleter<AsyncWebSocket>))]
    [ValidateNotNull]
    public AsyncWebSocket WebSocket { get; set; } = null!;

    /// <summary>The messages: text, or byte arrays for binary ones.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [System.Management.Automation.AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>How long sending a message may take. Default: no limit.</summary>
    [Parameter]
    [Duration(AllowZero = false)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    private protected override async CommandStep ProcessAsync()
    {
        object? message = PSObjectExtensions.Unwrap(InputObject);
        Func<CancellationToken, Task>? send = message switch
        {
            string text => token => WebSocket.SendAsync(text, token),
            char character => token => WebSocket.SendAsync(character.ToString(), token),
            byte[] bytes => token => WebSocket.SendAsync(bytes, token),
            _ => null,
        };
        if (send is null)
        {
            WriteError(WebSocketErrors.WebSocketMessageInvalid(message));
            return;
        }

        try
        {
            if (!await TryWaitAsync(send, Timeout))
            {
                WriteError(WebSocketErrors.WebSocketWriteTimeout(WebSocket, InputObject, Timeout));
            }
        }
        catch (AsyncWebSocketException e)
        {
            ThrowTerminatingError(e.ErrorRecord);
        }
    }
}
