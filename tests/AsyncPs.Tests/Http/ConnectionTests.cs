using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class ConnectionTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task A_proxy_gets_the_whole_URI()
    {
        using RawServer proxy = RawServer.Answering(static head => $"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{head.Split('\r')[0]}");
        Session.Set("proxy", proxy.Base);
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri http://no.such.host.invalid/x -Proxy $proxy -As Text");

        Assert.Empty(run.Errors);
        Assert.Equal(["GET http://no.such.host.invalid/x HTTP/1.1"], run.Output);
    }

    [Fact]
    public async Task A_proxy_that_asks_is_told_who_sends()
    {
        using RawServer proxy = RawServer.Answering(static head => head.Contains(
            $"Proxy-Authorization: Basic {Convert.ToBase64String("me:s3cret"u8)}",
            StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nlet through"
            : "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\nConnection: "
                + "close\r\n\r\n");
        Session.Set("proxy", proxy.Base);
        SetCredential();

        Assert.Equal(
            ["let through"],
            (await Session.RunAsync(
                "Invoke-Concurrent -Uri http://no.such.host.invalid/x -Proxy $proxy -ProxyCredential $credential -As Text")).Output);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri http://no.such.host.invalid/x -Proxy $proxy");
        Assert.Equal("HttpStatus,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_an_error()
    {
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$https/echo\" -Proxy http://127.0.0.1:1");

        Assert.StartsWith("HttpProxyFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -Uri \"$base/echo\" -NoProxy -As Json | ForEach-Object path");
        Assert.Equal(["/echo"], run.Output);
    }

    [Theory]
    [InlineData("$base/echo", "http://me:s3cret@127.0.0.1:1", "the proxy http://127.0.0.1:1/ refused the connection")]
    [InlineData(
        "$base/echo",
        "http://no.such.proxy.invalid:3128",
        "the proxy http://no.such.proxy.invalid:3128/ has a host name that could not be resolved")]
    [InlineData("http://no.such.host.invalid", "http://127.0.0.1:1", "the proxy http://127.0.0.1:1/ refused the connection")]
    public async Task A_proxy_that_cannot_be_reached_is_not_blamed_on_the_server(string uri, string proxy, string message)
    {
        ErrorRecord error = await ErrorAsync($"Invoke-Concurrent -Uri \"{uri}\" -Proxy {proxy}");

        Assert.StartsWith("HttpProxyFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(true, PSObject.AsPSObject(error.Exception).Properties["IsTransient"].Value);
    }

    [Theory]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "HttpProxyFailed")]
    [InlineData("", "Http(ProxyFailed|ConnectionReset|ResponseEnded|TlsFailed)")]
    public async Task A_proxy_that_does_not_connect_is_named(string answer, string id)
    {
        using RawServer proxy = RawServer.Saying(answer);
        Session.Set("proxy", proxy.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri https://no.such.host.invalid/x -Proxy $proxy");

        Assert.Matches($"^{id},", error.FullyQualifiedErrorId);
        Assert.Contains(proxy.Base, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_named_too()
    {
        const string Script = """
            foreach ($uri in 'http://no.such.host.invalid/', 'https://no.such.host.invalid/') {
                Invoke-Concurrent -Uri $uri -ErrorVariable e -ErrorAction SilentlyContinue; "$($e.FullyQualifiedErrorId) $e"
            }
            Invoke-Concurrent -Uri http://no.such.host.invalid -NoProxy -ErrorVariable e -ErrorAction SilentlyContinue
            "$($e.FullyQualifiedErrorId)"
            try { Connect-AsyncWebSocket ws://no.such.host.invalid } catch { "$_ $($_.Exception.IsTransient)" }
            """;
        using ChildProcess process = ChildProcess.StartPowerShell(
            ["-Command", Script],
            "",
            ("http_proxy", "http://127.0.0.1:1"),
            ("https_proxy", "http://127.0.0.1:1"),
            ("no_proxy", null),
            ("NO_PROXY", null));
        string[] lines = (await process.ExitAsync()).Output.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.All(lines[..2], static line => Assert.Matches("^HttpProxyFailed,.*the proxy http://127.0.0.1:1/ refused", line));
        Assert.StartsWith("HttpNameNotResolved,", lines[2], StringComparison.Ordinal);
        Assert.Matches("the proxy http://127.0.0.1:1/ refused.*True", lines[3]);
    }

    [Fact]
    public async Task A_server_that_asks_gets_the_credential_and_another_host_does_not()
    {
        SetCredential();
        Assert.Equal(
            ["Basic " + Convert.ToBase64String("me:s3cret"u8)],
            (await Session.RunAsync("Invoke-Concurrent -Uri \"$base/challenge\" -Credential $credential -As Text")).Output);

        ErrorRecord error = await ErrorAsync(
            "Invoke-Concurrent -Uri \"$base/redirect?code=302&to=$other/challenge\" -Credential $credential");
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_the_host_it_is_meant_for()
    {
        using X509Certificate2 certificate = TestServer.SelfSigned("CN=client");
        Session.Set("certificate", certificate);
        Session.Set("otherTls", Server.Https.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        Assert.Equal(
            [certificate.Thumbprint],
            (await Session.RunAsync(
                "Invoke-Concurrent -Uri \"$https/certificate\" -Certificate $certificate -SkipCertificateCheck -As Text")).Output);
        Assert.Equal(
            ["none"],
            (await Session.RunAsync(
                "Invoke-Concurrent -Uri \"$https/redirect?code=302&to=$otherTls/certificate\" -Certificate $certificate "
                    + "-SkipCertificateCheck -As Text")).Output);
    }

    [Theory]
    [InlineData("", "$base")]
    [InlineData("-HttpVersion 2", "$h2")]
    [InlineData("-SkipCertificateCheck", "$https")]
    public async Task Connections_outlive_a_call(string parameters, string address)
    {
        ScriptRun run = await Session.RunAsync(
            $"1..3 | ForEach-Object {{ Invoke-Concurrent -Uri \"{address}/connection\" {parameters} -MaxConnectionsPerServer 7 -As Text "
                + $"}}");

        Assert.Empty(run.Errors);
        Assert.Single(run.Output.Distinct());
    }

    [Fact]
    public async Task No_more_connections_to_a_server_than_allowed()
    {
        ScriptRun run = await Session.RunAsync(
            "1..60 | Invoke-Concurrent -Uri { \"$base/connection?$_\" } -MaxConnectionsPerServer 2 -ThrottleLimit 30 -As Text");

        Assert.Equal(60, run.Output.Count);
        Assert.InRange(run.Output.Distinct().Count(), 1, 2);
    }

    [Theory]
    [InlineData("4", "'4'")]
    [InlineData("$null", "$null")]
    public async Task What_is_no_version_of_HTTP_is_refused_by_name_before_anything_is_sent(string version, string quoted)
    {
        int before = Server.Requests;
        ErrorRecord error = await Session.FailAsync(
            $"$ErrorActionPreference = 'Stop'; Invoke-Concurrent -Uri \"$base/echo\" -HttpVersion {version}");

        Assert.Contains(
            $"'HttpVersion'. {quoted} is not a version of HTTP. Use 1.0, 1.1, 2 or 3.",
            error.Exception.Message,
            StringComparison.Ordinal);
        Assert.Equal(before, Server.Requests);
    }

    [Fact]
    public async Task HTTP_3_without_its_library_is_refused_before_anything_is_sent()
    {
        Assert.SkipWhen(System.Net.Quic.QuicConnection.IsSupported, "The msquic library is installed.");
        int before = Server.Requests;
        ErrorRecord error = await Session.FailAsync(
            "$ErrorActionPreference = 'Stop'; Invoke-Concurrent -Uri \"$https/echo\" -HttpVersion 3 -SkipCertificateCheck");

        Assert.Equal("HttpVersionNotSupported,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Contains("msquic", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-HttpVersion", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Server.Requests);
    }

    [Fact]
    public async Task A_server_that_knows_no_HTTP_2_is_an_error_that_says_so()
    {
        // Many at once, because the waiters for a connection are notified in another way than its creator.
        ScriptRun run = await Session.RunAsync("1..300 | Invoke-Concurrent -Uri { \"$base/echo/$_\" } -HttpVersion 2 -ThrottleLimit 32");

        Assert.Equal(300, run.Errors.Count);
        string[] ids = [.. run.Errors.Select(static e => e.FullyQualifiedErrorId.Split(',')[0]).Distinct()];
        Assert.Contains("HttpVersionNotSupported", ids);

        // The server may also end the connection before it reads the request.
        Assert.Subset(new HashSet<string> { "HttpVersionNotSupported", "HttpConnectionReset" }, ids.ToHashSet());
    }

    private void SetCredential() => Session.Set("credential", Secure.Credential("me", "s3cret"));
}
