using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AsyncPs.Tests.Http.Support;

/// <summary>A server that sends what the test says, HTTP or not.</summary>
public sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<NetworkStream, string, Task> _answer;
    private readonly ConcurrentQueue<string> _requests = new();

    private RawServer(Func<NetworkStream, string, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Base => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The requests so far, each with its body, one character per byte.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Creates one that answers every request with a text, and hangs up.</summary>
    public static RawServer Saying(string text) => Answering(_ => text);

    /// <summary>Creates one that computes its answer from the request, and hangs up. A character is a byte.</summary>
    public static RawServer Answering(Func<string, string> answer)
        => new((stream, request) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer(request))).AsTask());

    /// <summary>Creates one that answers every request in several packets, and hangs up.</summary>
    public static RawServer SayingInPackets(params byte[][] packets) => Doing(async stream =>
    {
        stream.Socket.NoDelay = true;
        foreach (byte[] packet in packets)
        {
            await stream.WriteAsync(packet);

            // So that the client reads this packet before the next one arrives. The result must be the same in any case.
            await Task.Delay(30);
        }
    });

    public static RawServer Doing(Func<NetworkStream, Task> answer) => new((stream, _) => answer(stream));

    /// <summary>Creates one that opens a web socket, sends bytes over it, and reads until the client has gone.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 uses it.")]
    public static RawServer OpeningWebSocket(byte[] frames, bool hangsUp = false) => new(async (stream, request) =>
    {
        byte[] accept = SHA1.HashData(Encoding.ASCII.GetBytes(
            HeaderOf(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        string head =
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + $"{Convert.ToBase64String(accept)}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(frames);
        if (!hangsUp)
        {
            await stream.CopyToAsync(Stream.Null);
        }
    });

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                string request = await ReadRequestAsync(stream);
                _requests.Enqueue(request);
                await _answer(stream, request);
            }
        }
        catch (IOException)
        {
            // The client had enough.
        }
    }

    // The head, and the body as far as the head announces it.
    private static async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[64 * 1024];
        int count = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(count));
            count += read;
            string request = Encoding.Latin1.GetString(buffer, 0, count);
            int head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (read == 0 || (head >= 0 && IsComplete(request[..(head + 2)], request[(head + 4)..])))
            {
                return request;
            }
        }
    }

    private static bool IsComplete(string head, string body)
        => HeaderOf(head, "Transfer-Encoding") is not null ? body.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : !int.TryParse(HeaderOf(head, "Content-Length"), CultureInfo.InvariantCulture, out int length) || body.Length >= length;

    /// <summary>The value of a header of a request, or null.</summary>
    public static string? HeaderOf(string request, string name)
    {
        string start = $"\r\n{name}: ";
        int at = request.IndexOf(start, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : request[(at + start.Length)..request.IndexOf("\r\n", at + 2, StringComparison.Ordinal)];
    }
}
