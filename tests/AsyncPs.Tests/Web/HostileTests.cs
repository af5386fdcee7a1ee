using System.Net;
using System.Net.Sockets;
using System.Text;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Bytes that no honest client sends. No block misinterprets them, and the server continues.</summary>
public sealed class HostileTests : WebTest
{
    private const string Routes = """
        New-AsyncRoute GET '/echo/{*Path}' { param([string] $Path) "[$Path]" }
        New-AsyncRoute POST /body { param($Body) "[$($AsyncRequest.ReadText())]" }
        """;

    [Theory]
    [InlineData("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdeX", "[abcde")]
    [InlineData("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 5\r\n\r\nabcde", "[abcde")]
    [InlineData("POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n", "[abcde")]
    [InlineData("POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabcde\r\n0\r\n\r\n", "[abcde")]
    [InlineData("POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n", "[abcde")]
    [InlineData("GET /echo/a HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", "[a]")]
    [InlineData("GET /echo/a HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n", "[a]")]
    [InlineData("GET /echo/a HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", "[a]")]
    [InlineData("GET /echo/a HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", "[a]")]
    [InlineData("GET /echo/a HTTP/1.1\r\n\r\n", "[a]")]
    [InlineData("GET /echo/a HTTP/9.9\r\nHost: localhost\r\n\r\n", "[a]")]
    [InlineData("GET  /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n", "[a]")]
    [InlineData("GET http://evil.example/echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n", "[a]")]
    [InlineData("\0\0\0\0\r\n\r\n", "[a]")]
    [InlineData("G=T /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n", "[a]")]
    [InlineData("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", "[a]")]
    public async Task What_is_no_request_is_refused(string bytes, string never)
    {
        AsyncServer server = await StartAsync(Routes);

        string answer = await SendRawAsync(server.Port, Encoding.Latin1.GetBytes(bytes));

        Assert.DoesNotContain(never, answer, StringComparison.Ordinal);
        Assert.True(
            answer.Length == 0
                || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal)
                || answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal),
            answer);
        Assert.Equal("[ok]", (await GetAsync(server, "/echo/ok")).Text);
    }

    [Fact]
    public async Task Of_two_lengths_of_a_body_the_chunks_count_and_the_connection_ends()
    {
        AsyncServer server = await StartAsync(Routes);
        const string Request = "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + "GET /echo/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

        string answer = await SendRawAsync(server.Port, Encoding.Latin1.GetBytes(Request));

        Assert.DoesNotContain("smuggled", answer, StringComparison.Ordinal);
        Assert.True(answer.Length == 0 || answer.Contains("Connection: close", StringComparison.Ordinal), answer);
    }

    [Theory]
    [
        InlineData(
            "GET /echo/a%0d%0aSet-Cookie:%20x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "200",
            "[a\r\nSet-Cookie: x=1]")
    ]
    [InlineData("GET /echo/%c0%af HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200", "[%c0%af]")]
    [InlineData("GET /echo/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404", "")]
    [InlineData("GET /echo/%2e%2e/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404", "")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404", "")]
    public async Task What_is_encoded_stays_within_its_value(string bytes, string status, string body)
    {
        AsyncServer server = await StartAsync(Routes);

        string answer = await SendRawAsync(server.Port, Encoding.Latin1.GetBytes(bytes));

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", answer[..end], StringComparison.Ordinal);
        if (body.Length > 0)
        {
            Assert.Equal(body, answer[(end + 4)..], ignoreCase: true);
        }
    }

    [Theory]
    [InlineData(40_000, 1)]
    [InlineData(10, 200)]
    public async Task Headers_have_limits(int length, int count)
    {
        AsyncServer server = await StartAsync(Routes);
        var request = new StringBuilder("GET /echo/a HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < count; i++)
        {
            request.Append("X-").Append(i).Append(": ").Append('a', length).Append("\r\n");
        }

        string answer = await SendRawAsync(server.Port, Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()));

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 431", StringComparison.Ordinal), answer);
        Assert.Equal("[ok]", (await GetAsync(server, "/echo/ok")).Text);
    }

    [Fact]
    public async Task A_line_that_does_not_end_is_cut_off()
    {
        AsyncServer server = await StartAsync(Routes);

        string answer = await SendRawAsync(
            server.Port,
            Encoding.ASCII.GetBytes("GET /echo/" + new string('a', 100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 414", StringComparison.Ordinal), answer);
        Assert.Equal("[ok]", (await GetAsync(server, "/echo/ok")).Text);
    }

    [Fact]
    public async Task A_client_that_never_ends_its_headers_is_let_go_and_holds_up_nobody()
    {
        AsyncServer server = await StartAsync(Routes, "-ThrottleLimit 1");
        using Socket slow = await ConnectAsync(server.Port);
        await slow.SendAsync(Encoding.ASCII.GetBytes("GET /echo/a HTTP/1.1\r\nHost: localhost\r\nX-"), Token);
        using Socket body = await ConnectAsync(server.Port);
        await body.SendAsync(
            Encoding.ASCII.GetBytes("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc"),
            Token);

        Assert.Equal("[ok]", (await GetAsync(server, "/echo/ok")).Text);
        string answer = await ReadToEndAsync(slow);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        string second = await ReadToEndAsync(body);
        Assert.True(
            second.Length == 0
                || second.StartsWith("HTTP/1.1 408", StringComparison.Ordinal)
                || second.StartsWith("HTTP/1.1 50", StringComparison.Ordinal),
            second);
        Assert.Equal("[ok]", (await GetAsync(server, "/echo/ok")).Text);
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_its_block_and_holds_little()
    {
        AsyncServer server = await StartAsync(
            "New-AsyncRoute GET / { $probe.Enter(); try { while ($true) { $probe.Produce(); 'x' * 10000 } } finally { $probe.Exit() } }");
        using (Socket deaf = await ConnectAsync(server.Port))
        {
            await deaf.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), Token);
            await Condition.UntilPausedAsync(() => Session.Probe.Producer, () => Session.Probe.Produced, "the block waits for its reader");

            // Only the buffers of the socket, the server and the answer are filled, although the block would write forever.
            Assert.InRange(Session.Probe.Produced, 1, 5000);
        }

        await Condition.UntilAsync(() => Session.Probe.Ended == 1, "the block was stopped", WaitLimit);
    }

    [Fact]
    public async Task Ten_thousand_idle_connections_keep_nobody_out()
    {
        // In a new process, because the number of files of a process is limited, and a connection has two sides.
        using ServerProcess server = await ServerProcess.StartAsync(Routes);
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < 10_000; i++)
            {
                try
                {
                    idle.Add(await ConnectAsync(server.Uri.Port));
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets)
                {
                    Assert.Skip($"The hard limit of open files lets a process have {idle.Count} sockets.");
                }
            }

            Assert.Equal("[ok]", await Client.GetStringAsync(new Uri(server.Uri, "echo/ok"), Token));
            await idle[^1]
                .SendAsync(Encoding.ASCII.GetBytes("GET /echo/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Token);
            Assert.Contains("[last]", await ReadToEndAsync(idle[^1]), StringComparison.Ordinal);
        }
        finally
        {
            idle.ForEach(static socket => socket.Dispose());
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        return socket;
    }

    private static async Task<string> SendRawAsync(int port, byte[] bytes)
    {
        // If the connection is kept open anyway, the following request closes it.
        using Socket socket = await ConnectAsync(port);
        try
        {
            await socket.SendAsync(
                (byte[])[.. bytes, .. "GET /echo/end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8],
                Token);
        }
        catch (SocketException)
        {
            // The server closed the connection before everything was sent.
        }

        return await ReadToEndAsync(socket);
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(WaitLimit);
        var text = new StringBuilder();
        byte[] buffer = new byte[16384];
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) is > 0 and var count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException e) when (
            e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown)
        {
            // The server closed the connection.
        }

        return text.ToString();
    }
}
