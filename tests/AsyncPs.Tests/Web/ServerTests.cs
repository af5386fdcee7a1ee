using System.IO.Compression;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Servers that listen, with real clients: limits, time-outs, ends.</summary>
public sealed class ServerTests : WebTest
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Requests_are_answered_and_counted()
    {
        AsyncServer server =
            await StartAsync("New-AsyncRoute GET '/{N}' { param([int] $N) @{ n = $N; protocol = $AsyncRequest.Protocol } }");

        Answer one = await GetAsync(server, "/7");

        Assert.Equal(
            (200, 7, "HTTP/1.1"),
            (one.Status, one.Json.GetProperty("n").GetInt32(), one.Json.GetProperty("protocol").GetString()));
        Assert.Null(one.Header("Server"));
        await Condition.UntilAsync(() => server.Requests == 1, "it was counted", WaitLimit);
    }

    [Fact]
    public async Task It_listens_on_loopback_and_answers_for_loopback_names_only()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { 'here' }");

        Assert.StartsWith("http://127.0.0.1:", server.Uri[0], StringComparison.Ordinal);
        Assert.Equal(200, (await GetAsync(server, "/", ("Host", "localhost"))).Status);
        Assert.Equal(400, (await GetAsync(server, "/", ("Host", "evil.example"))).Status);
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("-Authorize { $true }", true, false)]
    public async Task A_server_that_other_machines_reach_warns_of_what_is_missing(string parameters, bool plain, bool open)
    {
        ScriptRun run = await Session.RunAsync($"$s = New-AsyncRoute GET / {{ }} | Start-AsyncServer -ListenAddress 0.0.0.0 -Port 0 "
            + $"-AsJob -NoWarmUp {parameters}; Stop-AsyncServer $s", WaitLimit);

        string warning = Assert.Single(run.Streams.Warning).Message;
        Assert.Equal(
            (plain, open),
            (warning.Contains("-Certificate", StringComparison.Ordinal), warning.Contains("-Authorize", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_says_so()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { }");
        Session.Set("port", server.Port);

        Assert.StartsWith(
            "CannotListen",
            (
                await Session.FailStatementAsync(
                    "Start-AsyncServer (New-AsyncRoute GET / { }) -Port $port -AsJob -NoWarmUp")).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_of_blocks_come_from_the_job_and_clients_get_the_id()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET /fail { throw 'the reason' }");

        Answer answer = await GetAsync(server, "/fail");
        Session.Set("server", server);
        await Condition.UntilAsync(() => server.Error.Count > 0, "the error has come", WaitLimit);
        ScriptRun run = await Session.RunAsync("Receive-Job $server");

        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("reason", answer.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"(request {answer.Json.GetProperty("id").GetString()}): the reason",
            Assert.Single(run.Errors).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_run_as_the_limit_says_as_many_wait_and_the_rest_are_refused()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { $probe.Pass(); 'done' }", "-ThrottleLimit 2 -QueueLimit 1");

        Task<Answer>[] running = [GetAsync(server, "/"), GetAsync(server, "/")];
        await Condition.UntilAsync(() => Session.Probe.Running == 2, "two run", WaitLimit);
        Task<Answer> waiting = GetAsync(server, "/");
        await Condition.UntilAsync(() => server.Waiting == 1, "one waits", WaitLimit);
        Answer refused = await GetAsync(server, "/");
        Session.Probe.Open();

        Assert.Equal((503, "1"), (refused.Status, refused.Header("Retry-After")));
        Assert.All(await Task.WhenAll([.. running, waiting]), static answer => Assert.Equal("done", answer.Text));
        Assert.Equal(2, Session.Probe.Highest);
    }

    [Fact]
    public async Task An_answer_that_does_not_begin_in_time_is_a_504_and_one_that_was_waiting_a_503()
    {
        AsyncServer server = await StartAsync(
            "New-AsyncRoute GET / { $probe.Enter(); try { Start-Sleep 600 } finally { $probe.Exit() } }",
            "-ThrottleLimit 1 -RequestTimeout 5s");

        Task<Answer> running = GetAsync(server, "/");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "it runs", WaitLimit);
        Answer waiting = await GetAsync(server, "/");

        Assert.True(waiting.Status is 503 or 504);
        Assert.Equal(504, (await running).Status);
        await Condition.UntilAsync(() => Session.Probe.Running == 0, "the blocks were stopped", WaitLimit);
    }

    [Fact]
    public async Task A_client_that_leaves_stops_its_block()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { $probe.Enter(); try { Start-Sleep 600 } finally { $probe.Exit() } }");

        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<HttpResponseMessage> request = Client.GetAsync(UriOf(server, "/"), leaving.Token);
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "it runs", WaitLimit);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Condition.UntilAsync(() => Session.Probe.Ended == 1, "the block was stopped", WaitLimit);
        await Condition.UntilAsync(() => server.Running == 0, "its place is free", WaitLimit);
    }

    [Fact]
    public async Task A_stop_lets_what_runs_finish_and_takes_nothing_new()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { $probe.Pass(); 'finished' }", "-ShutdownTimeout 2m");
        string uri = UriOf(server, "/");

        Task<Answer> running = GetAsync(server, "/");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "it runs", WaitLimit);
        Task stop = Task.Run(server.StopJob, Token);
        await Condition.UntilAsync(() => !CanConnect(server.Port), "it listens no more", WaitLimit);
        Assert.False(stop.IsCompleted);
        Session.Probe.Open();

        Assert.Equal("finished", (await running).Text);
        await stop.WaitAsync(WaitLimit, Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(uri, Token));
        Assert.Equal(JobState.Stopped, server.JobStateInfo.State);
    }

    [Fact]
    public async Task What_runs_longer_than_the_time_of_the_stop_is_canceled()
    {
        AsyncServer server = await StartAsync(
            "New-AsyncRoute GET / { $probe.Enter(); try { Start-Sleep 600 } finally { $probe.Exit() } }",
            "-ShutdownTimeout 100ms");

        Task<Answer> running = GetAsync(server, "/");
        await Condition.UntilAsync(() => Session.Probe.Running == 1, "it runs", WaitLimit);
        await Task.Run(server.StopJob, Token).WaitAsync(WaitLimit, Token);

        Assert.Equal(1, Session.Probe.Ended);
        Assert.Equal(503, (await running).Status);
    }

    [Fact]
    public async Task The_command_serves_until_it_is_stopped_and_frees_the_port()
    {
        int port = FreePort();
        ScriptRun run =
            Session.Start($"New-AsyncRoute GET / {{ 'hello' }} | Start-AsyncServer -Port {port} -NoWarmUp -PassThru -RequestLog");
        string text = await UntilAnsweredAsync($"http://127.0.0.1:{port}/");
        await Condition.UntilAsync(() => run.Records.Count > 0 && Log(run).Any(IsRequest), "the request was told of", WaitLimit);
        await run.StopAsync();

        Assert.Equal("hello", text);
        var record = Assert.IsType<RequestRecord>(run.Output[0]);
        Assert.Equal(("GET", "/", 200, "GET /"), (record.Method, record.Path, record.Status, record.Route));
        Assert.Single(Log(run), IsRequest);
        Assert.False(CanConnect(port));

        static string[] Log(ScriptRun run) => Array.ConvertAll(run.Streams.Information.ToArray(), static line => line.ToString());
        static bool IsRequest(string line) => line.Contains(" GET / 200 ", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_can_stop_its_server()
    {
        int port = FreePort();
        ScriptRun run = Session.Start(
            $"New-AsyncRoute POST /stop {{ Stop-AsyncServer; 'stopping' }} | Start-AsyncServer -Port {port} -NoWarmUp; 'ended'");
        Answer? answer = null;
        await Condition.UntilAsync(() => CanConnect(port), "it listens", WaitLimit);
        using (HttpResponseMessage response = await Client.PostAsync($"http://127.0.0.1:{port}/stop", null, Token))
        {
            answer =
                new Answer((int)response.StatusCode, new Dictionary<string, string>(), await response.Content.ReadAsByteArrayAsync(Token));
        }

        await run.EndAsync(WaitLimit);
        Assert.Equal("stopping", answer.Text);
        Assert.Equal(["ended"], run.Output);
    }

    [Fact]
    public async Task Bodies_have_a_limit_and_large_ones_are_there_all_the_same()
    {
        AsyncServer server = await StartAsync(
            """
            New-AsyncRoute POST /small { $AsyncRequest.ReadBytes().Length }
            New-AsyncRoute POST /large -MaximumBodySize 5MB { $AsyncRequest.ReadBytes().Length }
            New-AsyncRoute POST /stream -MaximumBodySize 5MB -StreamBody { $AsyncRequest.ReadBytes().Length }
            """,
            "-MaximumBodySize 1000");

        Assert.Equal("1000", (await SendAsync(HttpMethod.Post, server, "/small", new ByteArrayContent(new byte[1000]))).Text);
        Assert.Equal(413, (await SendAsync(HttpMethod.Post, server, "/small", new ByteArrayContent(new byte[1001]))).Status);
        Assert.Equal("3000000", (await SendAsync(HttpMethod.Post, server, "/large", new ByteArrayContent(new byte[3_000_000]))).Text);
        Assert.Equal("3000000", (await SendAsync(HttpMethod.Post, server, "/stream", new ByteArrayContent(new byte[3_000_000]))).Text);
    }

    [Fact]
    public async Task Files_have_types_tags_ranges_and_nothing_outside_their_folder()
    {
        await File.WriteAllTextAsync(_folder["index.html"], "<p>index</p>", Token);
        await File.WriteAllTextAsync(_folder["a.txt"], "0123456789", Token);
        await File.WriteAllTextAsync(_folder[".hidden"], "hidden", Token);
        Session.Set("folder", _folder.Path);
        AsyncServer server = await StartAsync("""
            New-AsyncRoute /files -Folder $folder
            New-AsyncRoute GET /one { Get-Item (Join-Path $folder a.txt) }
            New-AsyncRoute GET /save { New-AsyncResponse -FilePath (Join-Path $folder a.txt) -DownloadName b.txt }
            """);

        foreach (string path in (string[])["/files/a.txt", "/one"])
        {
            Answer whole = await GetAsync(server, path);
            Assert.Equal(("0123456789", "text/plain; charset=utf-8"), (whole.Text, whole.Header("Content-Type")));
            Answer part = await GetAsync(server, path, ("Range", "bytes=2-4"));
            Assert.Equal((206, "234", "bytes 2-4/10"), (part.Status, part.Text, part.Header("Content-Range")));
            Assert.Equal(304, (await GetAsync(server, path, ("If-None-Match", whole.Header("ETag")!))).Status);
            Assert.Equal(416, (await GetAsync(server, path, ("Range", "bytes=20-"))).Status);
        }

        Assert.Contains("attachment", (await GetAsync(server, "/save")).Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal("<p>index</p>", (await GetAsync(server, "/files/")).Text);
        string outside = Path.GetFileName(_folder.Path);
        string[] refused =
        [
            "/files/.hidden",
            "/files/nothing",
            $"/files/../{outside}/a.txt",
            $"/files/%2e%2e/{outside}/a.txt",
            $"/files/..%2f{outside}%2fa.txt",
            "/files/%2fetc%2fpasswd",
            "/files//etc/passwd",
            "/files/a.txt%00",
        ];
        foreach (string path in refused)
        {
            Answer answer = await GetAsync(server, path);
            Assert.True(answer.Status is 400 or 404, path);
        }
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_read_answers()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute PUT / { 'x' }", "-CorsOrigin https://app.example");

        Answer preflight = await SendAsync(
            HttpMethod.Options,
            server,
            "/",
            null,
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "PUT"));
        Answer other = await SendAsync(
            HttpMethod.Options,
            server,
            "/",
            null,
            ("Origin", "https://other.example"),
            ("Access-Control-Request-Method", "PUT"));

        Assert.Equal("https://app.example", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Null(other.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Answers_are_compressed_for_clients_that_take_it()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { 'a' * 10000 }", "-Compress");

        Answer plain = await GetAsync(server, "/");
        Answer packed = await GetAsync(server, "/", ("Accept-Encoding", "gzip"));

        Assert.Equal(10000, plain.Bytes.Length);
        Assert.Equal("gzip", packed.Header("Content-Encoding"));
        using var unpacked = new StreamReader(new GZipStream(new MemoryStream(packed.Bytes), CompressionMode.Decompress));
        Assert.Equal(plain.Text, await unpacked.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task A_client_that_asks_too_often_is_told_to_wait()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { 'x' }", "-RateLimit 0.01");

        Assert.Equal(200, (await GetAsync(server, "/")).Status);
        Answer second = await GetAsync(server, "/");
        Assert.Equal((429, true), (second.Status, second.Header("Retry-After") is not null));
    }

    [Fact]
    public async Task HTTPS_needs_a_certificate_and_no_more()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
        await File.WriteAllTextAsync(
            _folder["server.pem"],
            certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(),
            Token);
        await File.WriteAllBytesAsync(_folder["server.pfx"], certificate.Export(X509ContentType.Pfx, "secret"), Token);
        Session.Set("folder", _folder.Path);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions =
                { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() },
        });
        string[] forms =
        [
            "-Certificate $folder/server.pem",
            "-Certificate $folder/server.pfx -CertificatePassword (ConvertTo-SecureString secret -AsPlainText -Force)",
        ];
        foreach (string parameters in forms)
        {
            AsyncServer server = await StartAsync("New-AsyncRoute GET / { $AsyncRequest.Uri.Scheme }", parameters);
            using var message = new HttpRequestMessage(HttpMethod.Get, server.Uri[0])
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact
            };
            using HttpResponseMessage response = await client.SendAsync(message, Token);

            Assert.Equal(("https", HttpVersion.Version20), (await response.Content.ReadAsStringAsync(Token), response.Version));
        }

        Assert.StartsWith(
            "CertificateInvalid",
            (
                await Session.FailStatementAsync(
                    "Start-AsyncServer (New-AsyncRoute GET / { }) -Certificate $folder/server.pfx")).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Unix_socket_serves_and_one_that_nobody_listens_on_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix sockets of Windows are another thing.");
        string path = _folder["api.sock"];
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Its disposal would remove the file that it was bound to.
            stale.Bind(new UnixDomainSocketEndPoint(path + ".before"));
            File.Move(path + ".before", path);
        }

        Assert.True(File.Exists(path));
        Session.Set("socket", path);
        await Session.RunAsync(
            "$server = New-AsyncRoute GET / { 'by socket' } | Start-AsyncServer -UnixSocket $socket -AsJob -NoWarmUp",
            WaitLimit);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("by socket", await client.GetStringAsync(new Uri("http://localhost/"), Token));
        await Session.RunAsync("Get-Job | Where-Object PSJobTypeName -eq AsyncServer | Stop-Job", WaitLimit);
    }

    [Fact]
    public async Task A_missing_route_a_wrong_method_and_HEAD_are_answered_as_HTTP_has_it()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET /a { 'text' }");

        Answer missing = await GetAsync(server, "/b");
        Answer wrong = await SendAsync(HttpMethod.Delete, server, "/a", null);
        Answer head = await SendAsync(HttpMethod.Head, server, "/a", null);

        Assert.Equal((404, "application/problem+json"), (missing.Status, missing.Header("Content-Type")));
        Assert.Equal((405, "GET, HEAD"), (wrong.Status, wrong.Header("Allow")));
        Assert.Equal((200, "4", 0), (head.Status, head.Header("Content-Length"), head.Bytes.Length));
    }

    [Fact]
    public async Task A_stopped_server_loses_no_request_that_it_has_begun_to_answer()
    {
        AsyncServer server = await StartAsync("New-AsyncRoute GET / { 'x' * 1000 }", "-ShutdownTimeout 2m");
        int whole = 0;
        int refused = 0;
        int broken = 0;
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref refused) == 0)
            {
                try
                {
                    Answer answer = await GetAsync(server, "/");
                    Assert.Equal((200, 1000), (answer.Status, answer.Bytes.Length));
                    Interlocked.Increment(ref whole);
                }
                catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
                {
                    Interlocked.Increment(ref refused);
                }
                catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
                {
                    // The connection was closed before the request was accepted; nothing of an answer has come.
                    Interlocked.Increment(ref refused);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref broken);
                    throw;
                }
            }
        }, Token))];
        await Condition.UntilAsync(() => Volatile.Read(ref whole) > 200, "many were answered", WaitLimit);
        await Task.Run(server.StopJob, Token).WaitAsync(WaitLimit, Token);
        await Task.WhenAll(clients).WaitAsync(WaitLimit, Token);

        Assert.Equal(0, broken);
        Assert.True(refused > 0);
    }

    protected override void Clean() => _folder.Dispose();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool CanConnect(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<string> UntilAnsweredAsync(string uri)
    {
        await Condition.UntilAsync(() => CanConnect(new Uri(uri).Port), "it listens", WaitLimit);
        return await Client.GetStringAsync(new Uri(uri), Token);
    }
}
