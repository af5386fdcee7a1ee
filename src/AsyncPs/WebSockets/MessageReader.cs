using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace AsyncPs.WebSockets;

/// <summary>Combines the frames of a web socket into messages: text as a string, binary as a byte array.</summary>
/// <param name="socket">The web socket.</param>
/// <param name="maximumSize">The largest message, in bytes.</param>
internal sealed class MessageReader(WebSocket socket, int maximumSize)
{
    private const int FrameSize = 16 * 1024;

    // The largest buffer that an idle web socket keeps.
    private const int LargestIdle = 256 * 1024;

    private ArrayBufferWriter<byte> _buffer = new(FrameSize);

    /// <summary>Reads the next message.</summary>
    /// <returns>Null when the other side has closed the web socket.</returns>
    /// <exception cref="MessageTooLargeException">The message has more bytes than allowed.</exception>
    public async ValueTask<object?> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        ValueWebSocketReceiveResult frame;
        do
        {
            frame = await socket.ReceiveAsync(_buffer.GetMemory(FrameSize), cancellationToken).ConfigureAwait(false);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _buffer.Advance(frame.Count);
            if (_buffer.WrittenCount > maximumSize)
            {
                throw new MessageTooLargeException();
            }
        }
        while (!frame.EndOfMessage);

        object message = frame.MessageType == WebSocketMessageType.Text
            ? Encoding.UTF8.GetString(_buffer.WrittenSpan)
            : _buffer.WrittenSpan.ToArray();
        if (_buffer.Capacity > LargestIdle)
        {
            _buffer = new ArrayBufferWriter<byte>(FrameSize);
        }

        return message;
    }
}

/// <summary>Thrown for a message that has more bytes than allowed.</summary>
internal sealed class MessageTooLargeException : Exception;
