using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AsyncPs.Tests.Http.Support;

/// <summary>Web sockets with all kinds of behavior that clients must handle, and a record of what they received.</summary>
public sealed class WebSocketEndpoints
{
    /// <summary>The messages of clients, and how they closed.</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    /// <summary>Lets /ws/gated read.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    public void Map(WebApplication app)
    {
        app.UseWebSockets();
        app.Map("/ws/echo", c => ServeAsync(c, EchoAsync));
        app.Map(
            "/ws/hello",
            c => ServeAsync(
                c,
                socket => SendAsync(socket, $"{c.Request.Headers.Authorization}|{c.Request.Headers["X-Key"]}|{c.Request.Query["key"]}")));
        app.Map("/ws/count", c => ServeAsync(c, socket => CountAsync(socket, Number(c, "to"))));
        app.Map("/ws/frames", c => ServeAsync(c, SendInFramesAsync));
        app.Map("/ws/large", c => ServeAsync(c, socket => SendAsync(socket, new string('x', Number(c, "size")))));
        app.Map("/ws/drop", c => ServeAsync(c, async socket =>
        {
            // Only after the client has read, because data in its system's buffers is lost with the connection.
            await CountAsync(socket, 2);
            await socket.ReceiveAsync(new byte[9], default);
            c.Abort();
        }));
        app.Map("/ws/close", c => ServeAsync(c, async socket =>
        {
            await SendAsync(socket, "last");
            await socket.CloseAsync((WebSocketCloseStatus)Number(c, "status"), c.Request.Query["text"], c.RequestAborted);
        }));
        app.Map("/ws/gated", c => ServeAsync(c, async socket =>
        {
            await Gate.WaitAsync(c.RequestAborted);
            await EchoAsync(socket);
        }));
    }

    private static async Task ServeAsync(HttpContext context, Func<WebSocket, Task> serve)
    {
        string? protocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(p => p == "v2");
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        try
        {
            await serve(socket);
            if (socket.State == WebSocketState.Open)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client is gone.
        }
    }

    private async Task EchoAsync(WebSocket socket)
    {
        byte[] buffer = new byte[1 << 20];
        while (true)
        {
            int size = 0;
            WebSocketReceiveResult frame;
            do
            {
                frame = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, size, buffer.Length - size), default);
                size += frame.Count;
            }
            while (!frame.EndOfMessage);

            if (frame.MessageType == WebSocketMessageType.Close)
            {
                Seen.Enqueue($"closed {(int)frame.CloseStatus!} {frame.CloseStatusDescription}");
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                return;
            }

            Seen.Enqueue(frame.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(buffer, 0, size) : $"{size} bytes");
            await socket.SendAsync(new ArraySegment<byte>(buffer, 0, size), frame.MessageType, true, default);
        }
    }

    private static async Task CountAsync(WebSocket socket, int to)
    {
        for (int i = 1; i <= to; i++)
        {
            await SendAsync(socket, $"{i}");
        }
    }

    private static async Task SendInFramesAsync(WebSocket socket)
    {
        byte[] text = Encoding.UTF8.GetBytes("grüße");
        await socket.SendAsync(text.AsMemory(0, 3), WebSocketMessageType.Text, false, default);
        await socket.SendAsync(text.AsMemory(3), WebSocketMessageType.Text, true, default);
        await socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, false, default);
        await socket.SendAsync(new byte[] { 2, 3 }, WebSocketMessageType.Binary, true, default);
    }

    private static Task SendAsync(WebSocket socket, string text)
        => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    private static int Number(HttpContext context, string name) => int.Parse(context.Request.Query[name]!, CultureInfo.InvariantCulture);
}
