using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AsyncPs.Tests.Http.Support;

/// <summary>A server that says whatever it is told to, HTTP or not.</summary>
public sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<NetworkStream, string, Task> _answer;

    private RawServer(Func<NetworkStream, string, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Base => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>One that answers the beginning of every request with a text, and hangs up.</summary>
    public static RawServer Saying(string text) => Answering(_ => text);

    /// <summary>One that makes its answer of the beginning of the request, and hangs up.</summary>
    public static RawServer Answering(Func<string, string> answer) => new((stream, head) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer(head))).AsTask());

    public static RawServer Doing(Func<NetworkStream, Task> answer) => new((stream, _) => answer(stream));

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
                byte[] head = new byte[8192];
                int read = await stream.ReadAtLeastAsync(head, 1);
                await _answer(stream, Encoding.Latin1.GetString(head, 0, read));
            }
        }
        catch (IOException)
        {
            // The client had enough.
        }
    }
}
