using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>The examples that serve, with clients of theirs.</summary>
public sealed class WebExampleTests : IDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2);

    private readonly ModuleSession _session = new(BuiltModule.WebManifest);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = WaitLimit };
    private readonly int _port = FreePort();

    public WebExampleTests() => _session.Set("examples", Repository.Examples);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_with_the_right_signature_is_handled_once_and_no_other()
    {
        ScriptRun run = _session.Start($$"""
            $secret = ConvertTo-SecureString secret -AsPlainText -Force
            & "$examples/receive-webhooks.ps1" -Secret $secret -Port {{_port}} -Handle { "$($_.Id) $($_.Event) $($_.Payload.n)" }
            """);
        await ListensAsync();

        Assert.Equal(202, await DeliverAsync("1", """{"n":1}""", "secret"));
        Assert.Equal(202, await DeliverAsync("1", """{"n":1}""", "secret"));
        Assert.Equal(401, await DeliverAsync("2", """{"n":2}""", "wrong"));
        Assert.Equal(401, await DeliverAsync("3", """{"n":3}""", null));
        Assert.Equal(400, await DeliverAsync("4", "no json", "secret"));
        Assert.Equal(202, await DeliverAsync("5", """{"n":5}""", "secret"));
        await Condition.UntilAsync(() => run.Records.Count >= 2, "what was taken was handled", WaitLimit);
        await run.StopAsync();

        Assert.Equal(["1 push 1", "5 push 5"], run.Output);
        await Assert.ThrowsAsync<HttpRequestException>(() => DeliverAsync("6", "{}", "secret"));
    }

    [Fact]
    public async Task A_status_page_shows_what_services_answer_and_tells_of_changes()
    {
        using var good = new TcpListener(IPAddress.Loopback, 0);
        good.Start();
        Task serving = ServeAsync(good);
        ScriptRun run = _session.Start($$"""
            $services = @{ Good = 'http://127.0.0.1:{{((IPEndPoint)good.LocalEndpoint).Port}}/'; Gone = 'http://127.0.0.1:1/' }
            & "$examples/status-page.ps1" $services -Port {{_port}} -IntervalSeconds 0.2 -Title 'A & B'
            """);
        await ListensAsync();

        Assert.Contains(
            "<h1>A &amp; B</h1>",
            await _client.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/"), Token),
            StringComparison.Ordinal);
        using HttpResponseMessage events =
            await _client.GetAsync($"http://127.0.0.1:{_port}/events", HttpCompletionOption.ResponseHeadersRead, Token);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Token));
        HashSet<string> seen = [];
        while (seen.Count < 2)
        {
            string line = (await lines.ReadLineAsync(Token).AsTask().WaitAsync(WaitLimit, Token))!;
            JsonElement one = JsonDocument.Parse(line).RootElement;
            if (one.GetProperty("up").ValueKind is not JsonValueKind.Null)
            {
                seen.Add($"{one.GetProperty("name").GetString()} {one.GetProperty("up").GetBoolean()}");
            }
        }

        Assert.Equal(["Gone False", "Good True"], seen.Order(StringComparer.Ordinal));
        using HttpResponseMessage health = await _client.GetAsync(new Uri($"http://127.0.0.1:{_port}/health"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("""{"down":["Gone"]}""", await health.Content.ReadAsStringAsync(Token));
        await run.StopAsync();
        good.Stop();
        await serving;
    }

    public void Dispose()
    {
        _client.Dispose();
        _session.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            try
            {
                using Socket socket = await listener.AcceptSocketAsync(CancellationToken.None);
                await socket.ReceiveAsync(buffer, Token);
                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private Task ListensAsync() => Condition.UntilAsync(
        () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, _port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        "it listens",
        WaitLimit);

    private async Task<int> DeliverAsync(string id, string body, string? secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{_port}/webhook")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json")
        };
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", "push");
        if (secret is not null)
        {
            byte[] hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body));
            request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(hash));
        }

        using HttpResponseMessage response = await _client.SendAsync(request, Token);
        return (int)response.StatusCode;
    }
}
