using System.Management.Automation;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

/// <summary>The headers that a server receives, byte by byte.</summary>
public sealed class HeaderTests : HttpTest
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    // If this were sent unchanged, it would be a second request.
    private const string Smuggled = "x`r`nX-Smuggled: 1`r`n`r`nGET /smuggled HTTP/1.1`r`nHost: h`r`n`r`n";

    private readonly RawServer _raw = RawServer.Saying(Ok);

    public HeaderTests(TestServer server)
        : base(server)
    {
        Session.Set("raw", _raw.Base);
        Session.Set(
            "token",
            Secure.Text(Smuggled.Replace("`r", "\r", StringComparison.Ordinal).Replace("`n", "\n", StringComparison.Ordinal)));
    }

    public override void Dispose()
    {
        _raw.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("-ContentType $bad -Method Post -Body 1", "-ContentType")]
    [InlineData("-ContentType $bad", "-ContentType")]
    [InlineData("-UserAgent $bad", "-UserAgent")]
    [InlineData("-Authentication Bearer -Token $token -AllowUnencryptedAuthentication", "-Token")]
    [InlineData("-Headers @{ A = $bad }", "-Headers")]
    [InlineData("-Headers @{ $bad = 1 }", "-Headers")]
    [InlineData("-Headers @{ 'Transfer-Encoding' = 'xchunked' } -Method Post -Body 1", "-Headers")]
    [InlineData("-WebSession $session", "-WebSession")]
    [InlineData("-WebSession $agent", "-WebSession")]
    [InlineData("-WebSession $theirs", "-WebSession")]
    [InlineData("-WebSession $theirAgent", "-WebSession")]
    public async Task A_parameter_that_would_break_out_of_its_header_ends_the_command(string parameters, string named)
    {
        ErrorRecord error = await Session.FailAsync($$"""
            $ErrorActionPreference = 'Stop'
            $bad = "{{Smuggled}}"
            $null = Invoke-Concurrent -Uri "$base/echo" -SessionVariable session
            $session.Headers['X'] = $bad
            $null = Invoke-Concurrent -Uri "$base/echo" -SessionVariable agent
            $agent.UserAgent = $bad
            $theirs = [pscustomobject]@{ Cookies = [Net.CookieContainer]::new(); Headers = @{ X = $bad }; UserAgent = '' }
            $theirAgent = [pscustomobject]@{ Cookies = [Net.CookieContainer]::new(); Headers = @{}; UserAgent = $bad }
            Invoke-Concurrent -Uri $raw {{parameters}}
            """);

        Assert.StartsWith("HttpArgumentInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith(named + ": ", error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("smuggled", error.Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(_raw.Requests);
    }

    [Theory]
    [InlineData("@{ Uri = $raw; Method = 'Post'; Body = '1'; ContentType = $bad }")]
    [InlineData("@{ Uri = $raw; ContentType = $bad }")]
    [InlineData("@{ Uri = $raw; Headers = @{ A = $bad } }")]
    [InlineData("@{ Uri = $raw; Headers = '{\"A\":\"x\\r\\nX-Smuggled: 1\"}' }")]
    [InlineData("@{ Uri = $raw; Headers = @{ 'Transfer-Encoding' = 'chunked, identity' }; Body = '1' }")]
    [InlineData("@{ Uri = $raw; Method = \"GET / HTTP/1.1`r`nHost: h`r`n`r`nGET\" }")]
    public async Task A_row_that_would_break_out_of_its_request_fails_alone(string row)
    {
        ScriptRun run = await Session.RunAsync($"$bad = \"{Smuggled}\"; {row}, @{{ Uri = \"$raw/good\" }} | Invoke-Concurrent -As Text");

        Assert.Equal(["ok"], run.Output);
        Assert.StartsWith("HttpRequestInvalid,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("GET /good ", Assert.Single(_raw.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@{ Uri = '/2'; ContentType = $bad }")]
    [InlineData("@{ Uri = '/2'; ContentType = $bad; Body = '1'; Method = 'Post' }")]
    [InlineData("@{ Uri = '/2'; Headers = @{ A = $bad } }")]
    public async Task A_next_page_that_would_break_out_of_its_header_is_not_requested(string answer)
    {
        ScriptRun run = await Session.RunAsync(
            $"$bad = \"{Smuggled}\"; Invoke-Concurrent -Uri $raw -As Text -MaximumFollowRelLink 1 -NextPage {{ {answer} }}");

        Assert.Equal(["ok"], run.Output);
        Assert.StartsWith("HttpNextPageInvalid,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Single(_raw.Requests);
    }

    [Fact]
    public async Task A_web_socket_sends_no_header_that_breaks_out()
    {
        ErrorRecord error = await Session.FailAsync(
            $"$ErrorActionPreference = 'Stop'; Connect-AsyncWebSocket ($raw -replace '^http', 'ws') -Headers @{{ A = \"{Smuggled}\" }}");

        Assert.StartsWith("WebSocketArgumentInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_raw.Requests);
    }

    [Fact]
    public async Task A_URI_that_was_made_without_escaping_is_refused()
    {
        Session.Set(
            "bad",
            new Uri(
                $"{_raw.Base}/ HTTP/1.1\r\nX-Smuggled: 1\r\nA:",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $bad");

        Assert.StartsWith("HttpUriInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_raw.Requests);
    }

    [Theory]
    [InlineData("-Headers @{ 'X-A' = 'é€' }", "X-A", "Ã©â\u0082¬")]
    [InlineData("-UserAgent 'é'", "User-Agent", "Ã©")]
    [InlineData("-ContentType 'text/plain; title=é' -Method Post -Body 'x'", "Content-Type", "text/plain; title=Ã©")]
    [InlineData("-Headers @{ Cookie = 'a=é' }", "Cookie", "a=Ã©")]
    [InlineData("-Headers @{ 'X-A' = \"a`tb\" }", "X-A", "a\tb")]
    public async Task What_is_not_ASCII_is_sent_in_UTF_8_as_by_curl(string parameters, string name, string bytes)
    {
        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri $raw -As Text {parameters}");

        Assert.Empty(run.Errors);
        Assert.Equal(bytes, RawServer.HeaderOf(Assert.Single(_raw.Requests), name));
    }

    [Theory]
    [InlineData("", "s=Ã©; l=\u00E9")]
    [InlineData("-Headers @{ Cookie = 'own=é' }", "own=Ã©; s=Ã©; l=\u00E9")]
    public async Task A_cookie_goes_back_byte_by_byte(string parameters, string sent)
    {
        using RawServer server = RawServer.Saying(
            "HTTP/1.1 200 OK\r\nSet-Cookie: s=Ã©\r\nSet-Cookie: l=\u00E9\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        Session.Set("server", server.Base);
        ScriptRun run = await Session.RunAsync(
            "Invoke-Concurrent -Uri $server -As Text -SessionVariable s; Invoke-Concurrent -Uri $server -As Text -WebSession $s "
                + $"{parameters}");

        Assert.Empty(run.Errors);
        Assert.Equal(sent, RawServer.HeaderOf(server.Requests.Last(), "Cookie"));
    }

    [Fact]
    public async Task A_cookie_of_the_user_is_sent_in_UTF_8()
    {
        ScriptRun run = await Session.RunAsync("""
            $null = Invoke-Concurrent -Uri $raw -SessionVariable s
            $s.Cookies.Add([Net.Cookie]::new('a', '€', '/', '127.0.0.1'))
            $null = Invoke-Concurrent -Uri $raw -WebSession $s
            """);

        Assert.Empty(run.Errors);
        Assert.Equal("a=â\u0082¬", RawServer.HeaderOf(_raw.Requests.Last(), "Cookie"));
    }

    [Theory]
    [InlineData("-ContentType application/x", "application/x", "0")]
    [InlineData("-Headers @{ 'content-type' = 'application/y' }", "application/y", "0")]
    [InlineData("-ContentType application/x -Method Delete", "application/x", "0")]
    [InlineData("-ContentType application/x -Method Post", "application/x", "0")]
    [InlineData("-ContentType application/x -Body @{ a = 1 }", "application/x", "0")]
    [InlineData("", null, null)]
    public async Task A_media_type_is_sent_also_without_a_body(string parameters, string? type, string? length)
    {
        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri $raw -As Text {parameters}");

        Assert.Empty(run.Errors);
        string request = Assert.Single(_raw.Requests);
        Assert.Equal(type, RawServer.HeaderOf(request, "Content-Type"));
        Assert.Equal(length, RawServer.HeaderOf(request, "Content-Length"));
    }

    [Theory]
    [InlineData("-Method Post -Body '12'", "chunked", "2\r\n12\r\n0\r\n\r\n")]
    [InlineData("", null, "")]
    public async Task Chunked_is_the_one_encoding_of_a_body_and_none_without_one(string parameters, string? encoding, string body)
    {
        ScriptRun run = await Session.RunAsync(
            $"Invoke-Concurrent -Uri $raw -As Text {parameters} -Headers @{{ 'transfer-encoding' = 'chunked', 'chunked' }}");

        Assert.Empty(run.Errors);
        string request = Assert.Single(_raw.Requests);
        Assert.Equal(encoding, RawServer.HeaderOf(request, "Transfer-Encoding"));
        Assert.Null(RawServer.HeaderOf(request, "Content-Length"));
        Assert.EndsWith("\r\n\r\n" + body, request, StringComparison.Ordinal);
    }
}
