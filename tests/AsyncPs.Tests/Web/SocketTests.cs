using System.Net.WebSockets;
using System.Text;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Web sockets and streams, with real clients.</summary>
public sealed class SocketTests : WebTest
{
    [Fact]
    public async Task A_block_reads_and_writes_until_the_client_closes()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute WebSocket '/rooms/{Room}' { param([int] $Room) Read-AsyncStream "
            + "$AsyncRequest.WebSocket | ForEach-Object { Write-AsyncWebSocket $AsyncRequest.WebSocket \"${Room}: $_\" } }");
        Session.Set("ws", server.Uri[0].Replace("http:", "ws:", StringComparison.Ordinal));

        ScriptRun run = await Session.RunAsync("""
            $socket = Connect-AsyncWebSocket "${ws}rooms/7"
            'one', 'two' | Write-AsyncWebSocket $socket
            Read-AsyncStream $socket -Count 2 -Timeout 1m
            Close-AsyncWebSocket $socket
            "$($socket.CloseStatus)"
            """, WaitLimit);

        Assert.Empty(run.Errors);
        Assert.Equal(["7: one", "7: two", "NormalClosure"], run.Output);
        await Condition.UntilAsync(() => server.Running == 0, "the block has ended", WaitLimit);
    }

    [Fact]
    public async Task The_end_of_the_block_closes_the_socket_and_a_failure_says_so_without_its_reason()
    {
        AsyncServer server = await StartAsync("""
            New-AsyncRoute WebSocket /good { Write-AsyncWebSocket $AsyncRequest.WebSocket 'bye' }
            New-AsyncRoute WebSocket /bad { throw 'the reason' }
            """);

        using ClientWebSocket good = await ConnectAsync(server, "/good");
        Assert.Equal("bye", await ReadAsync(good));
        Assert.Null(await ReadAsync(good));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, good.CloseStatus);

        using ClientWebSocket bad = await ConnectAsync(server, "/bad");
        Assert.Null(await ReadAsync(bad));
        Assert.Equal(WebSocketCloseStatus.InternalServerError, bad.CloseStatus);
        Assert.DoesNotContain("reason", bad.CloseStatusDescription, StringComparison.Ordinal);
        await Condition.UntilAsync(() => server.Error.Count == 1, "the error was told", WaitLimit);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_not_connect_and_what_cannot_be_bound_is_refused_before()
    {
        AsyncServer server = await StartAsync(
            "New-AsyncRoute WebSocket '/{N}' { param([int] $N) Write-AsyncWebSocket $AsyncRequest.WebSocket 'in' }",
            "-CorsOrigin https://friend.example");

        WebSocketException foreign = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "/1", "https://evil.example"));
        Assert.Contains("403", foreign.Message, StringComparison.Ordinal);
        using ClientWebSocket friend = await ConnectAsync(server, "/1", "https://friend.example");
        Assert.Equal("in", await ReadAsync(friend));
        using ClientWebSocket own = await ConnectAsync(server, "/1", server.Uri[0].TrimEnd('/'));
        Assert.Equal("in", await ReadAsync(own));
        Assert.Equal(426, (await GetAsync(server, "/1")).Status);
    }

    [Fact]
    public async Task A_client_that_is_lost_ends_the_block()
    {
        AsyncServer server = await StartAsync(
            "New-AsyncRoute WebSocket / { $probe.Enter(); try { Read-AsyncStream $AsyncRequest.WebSocket } finally { $probe.Exit() } }");

        using ClientWebSocket client = await ConnectAsync(server, "/");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "the block runs", WaitLimit);
        client.Abort();

        await Condition.UntilAsync(() => Session.Probe.Ended == 1, "the block has ended", WaitLimit);
    }

    [Fact]
    public async Task Each_object_of_a_stream_arrives_when_it_is_written()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / -Stream { @{ n = 1 }; $probe.Pass(); @{ n = 2 } }");

        using var request = new HttpRequestMessage(HttpMethod.Get, UriOf(server, "/"));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        Assert.Equal("data: {\"n\":1}", await lines.ReadLineAsync(Token).AsTask().WaitAsync(WaitLimit, Token));
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "the second is not written yet", WaitLimit);
        Session.Probe.Open();
        Assert.Equal("\ndata: {\"n\":2}\n\n", await lines.ReadToEndAsync(Token).WaitAsync(WaitLimit, Token));
    }

    [Fact]
    public async Task A_stream_may_last_longer_than_the_time_for_answers_and_its_client_ends_it()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / -Stream -RequestTimeout 1s { $probe.Enter(); try { foreach ($n in "
            + "1..1000) { $n; Start-Sleep -Milliseconds 100 } } finally { $probe.Exit() } }");

        using (
            HttpResponseMessage response = await Client.GetAsync(new Uri(server.Uri[0]), HttpCompletionOption.ResponseHeadersRead, Token))
        {
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            for (int n = 1; n <= 15; n++)
            {
                Assert.Equal($"{n}", await lines.ReadLineAsync(Token).AsTask().WaitAsync(WaitLimit, Token));
            }
        }

        await Condition.UntilAsync(() => Session.Probe.Ended == 1, "the block was stopped", WaitLimit);
    }

    [Fact]
    public async Task Events_reach_all_who_listen()
    {
        await Session.RunAsync("$global:bus = New-AsyncEventBus");
        AsyncServer server = await StartAsync("""
            New-AsyncRoute GET /events -Stream {
                $sub = Register-AsyncEvent $bus news
                try { Read-AsyncStream $sub | ForEach-Object Data } finally { Unregister-AsyncEvent $sub }
            }
            New-AsyncRoute POST /news -Status 202 { param([string] $Text) Publish-AsyncEvent $bus news $Text }
            """);

        Task<string?>[] listeners = [.. Enumerable.Range(0, 3).Select(async _ =>
        {
            using HttpResponseMessage response =
                await Client.GetAsync(UriOf(server, "/events"), HttpCompletionOption.ResponseHeadersRead, Token);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            return await lines.ReadLineAsync(Token);
        })];
        ScriptRun subscriptions = await Session.RunAsync("$deadline = (Get-Date).AddMinutes(2); while ($bus.Subscriptions.Count -lt 3 "
            + "-and (Get-Date) -lt $deadline) { Start-Sleep -Milliseconds 10 }; $bus.Subscriptions.Count", WaitLimit);
        Assert.Equal([3], subscriptions.Output);
        Assert.Equal(202, (await PostJsonAsync(server, "/news", """{"text":"hello"}""")).Status);

        Assert.All(await Task.WhenAll(listeners).WaitAsync(WaitLimit, Token), static line => Assert.Equal("\"hello\"", line));
    }

    private static async Task<ClientWebSocket> ConnectAsync(AsyncServer server, string path, string? origin = null)
    {
        var client = new ClientWebSocket();
        if (origin is not null)
        {
            client.Options.SetRequestHeader("Origin", origin);
        }

        await client.ConnectAsync(new Uri(UriOf(server, path).Replace("http:", "ws:", StringComparison.Ordinal)), Token);
        return client;
    }

    private static async Task<string?> ReadAsync(ClientWebSocket client)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, Token).WaitAsync(WaitLimit, Token);
        return result.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
