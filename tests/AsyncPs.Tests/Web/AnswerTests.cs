using AsyncPs.Tests.Support;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Web;

/// <summary>Answers from the output of blocks.</summary>
public sealed class AnswerTests : IDisposable
{
    private const string Json = "application/json; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";

    private readonly ModuleSession _session = new(BuiltModule.WebManifest);

    [Theory]
    [InlineData("{ }", 204, null, "")]
    [InlineData("{ $null }", 200, Json, "null")]
    [InlineData("{ 'a' }", 200, Text, "a")]
    [InlineData("{ 'a', 'b' }", 200, Text, "a\nb")]
    [InlineData("{ 7 }", 200, Json, "7")]
    [InlineData("{ 1, 2 }", 200, Json, "[1,2]")]
    [InlineData("{ $true }", 200, Json, "true")]
    [InlineData("{ 'a', 7 }", 200, Json, "[\"a\",7]")]
    [InlineData("{ 'a', 'b', @{ c = 1 } }", 200, Json, "[\"a\",\"b\",{\"c\":1}]")]
    [InlineData("{ @{ a = 1 } }", 200, Json, "{\"a\":1}")]
    [InlineData("{ [pscustomobject] @{ a = 1; b = 'x' } }", 200, Json, "{\"a\":1,\"b\":\"x\"}")]
    [InlineData("{ , @(1) }", 200, Json, "[1]")]
    [InlineData("{ 1 } -AsArray", 200, Json, "[1]")]
    [InlineData("{ } -AsArray", 200, Json, "[]")]
    [InlineData("{ 'a' } -AsArray", 200, Json, "[\"a\"]")]
    [InlineData("{ 1 } -Status 201", 201, Json, "1")]
    [InlineData("{ } -Status 202", 202, null, "")]
    [InlineData("{ '<p>' } -ContentType text/html", 200, "text/html", "<p>")]
    [InlineData("{ [byte[]] (65, 66) }", 200, "application/octet-stream", "AB")]
    [InlineData("{ , [byte[]] (65, 66) } -ContentType image/png", 200, "image/png", "AB")]
    [InlineData("{ [IO.MemoryStream]::new([byte[]] (67, 68)) }", 200, "application/octet-stream", "CD")]
    [InlineData("{ New-AsyncResponse }", 204, null, "")]
    [InlineData("{ New-AsyncResponse -Status 404 @{ a = 1 } }", 404, Json, "{\"a\":1}")]
    [InlineData("{ New-AsyncResponse @(1) }", 200, Json, "[1]")]
    [InlineData("{ New-AsyncResponse $null }", 200, Json, "null")]
    [InlineData("{ New-AsyncResponse ('a', 'b') -AsHtml }", 200, "text/html; charset=utf-8", "a\nb")]
    [InlineData("{ New-AsyncResponse -Redirect /other }", 302, null, "")]
    [InlineData("{ 1..3 } -Stream", 200, "application/jsonl; charset=utf-8", "1\n2\n3\n")]
    [InlineData("{ } -Stream", 200, "application/jsonl; charset=utf-8", "")]
    [InlineData("{ [Threading.Tasks.Task]::FromResult(5) }", 200, Json, "5")]
    [InlineData("{ [Threading.Tasks.Task]::Delay(1) }", 204, null, "")]
    public async Task What_a_block_writes_is_the_answer(string block, int status, string? type, string text)
    {
        RouteAnswer answer = await AnswerAsync($"New-AsyncRoute GET / {block}");

        Assert.Equal((status, type, text), (answer.Status, answer.ContentType, answer.Text));
    }

    [Theory]
    [InlineData("[DayOfWeek]::Friday", "\"Friday\"")]
    [InlineData("[datetime]::new(2024, 5, 6, 7, 8, 9, [DateTimeKind]::Utc)", "\"2024-05-06T07:08:09Z\"")]
    [InlineData("[timespan]::FromMinutes(90)", "\"01:30:00\"")]
    [InlineData("[guid]::Empty", "\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("[version] '1.2.3'", "\"1.2.3\"")]
    [InlineData("[double]::NaN", "\"NaN\"")]
    [InlineData("1.5d", "1.5")]
    [InlineData("[bigint] 12345678901234567890", "12345678901234567890")]
    [InlineData("[DBNull]::Value", "null")]
    [InlineData("@{ a = @{ b = @{ c = @{ d = @{ e = 1 } } } } }", "{\"a\":{\"b\":{\"c\":{\"d\":\"System.Collections.Hashtable\"}}}}")]
    [InlineData("@{ bytes = [byte[]] (1, 2, 3) }", "{\"bytes\":\"AQID\"}")]
    [InlineData("@{ t = \"</script>gr$([char] 252)n\" }", "{\"t\":\"\\u003C/script\\u003Egrün\"}")]
    [InlineData("[pscustomobject] @{ x = 1 } | Add-Member -PassThru ScriptProperty y { $this.x + 1 }", "{\"x\":1,\"y\":2}")]
    [InlineData("[IO.DriveInfo]::new('/') | Select-Object Name, @{ n = 'bad'; e = { throw 'x' } }", "{\"Name\":\"/\",\"bad\":null}")]
    public async Task Objects_are_JSON_that_clients_of_any_kind_read(string expression, string json)
        => Assert.Equal(json, (await AnswerAsync($"New-AsyncRoute GET / {{ {expression} }}")).Text);

    [Theory]
    [InlineData("application/json", Json)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8")]
    [InlineData("text/plain", Text)]
    [InlineData("text/*", Text)]
    [InlineData("*/*", Json)]
    [InlineData("", Json)]
    [InlineData("text/html;q=0.1, application/json;q=0.2", Json)]
    [InlineData("image/png", "application/problem+json")]
    public async Task The_client_chooses_among_the_forms_of_the_route(string accept, string type)
    {
        RouteAnswer answer = await AnswerAsync("New-AsyncRoute GET / -Format Json, Text, Html { [pscustomobject] @{ name = '<b>'; n = 1 "
            + "}; [pscustomobject] @{ name = 'c'; n = 2 } }", accept);

        Assert.Equal((accept == "image/png" ? 406 : 200, type), (answer.Status, answer.ContentType));
        if (type.StartsWith("text/html", StringComparison.Ordinal))
        {
            Assert.Contains("<tr><td>&lt;b&gt;</td><td>1</td></tr>", answer.Text, StringComparison.Ordinal);
        }
        else if (type == Text)
        {
            Assert.Equal("name: <b>\nn: 1\n\nname: c\nn: 2\n", answer.Text);
        }
    }

    [Fact]
    public async Task Events_have_names_ids_and_lines_and_text_cannot_make_fields()
    {
        RouteAnswer answer = await AnswerAsync(
            """
            New-AsyncRoute GET / -Stream {
                [AsyncPs.Web.StreamEvent] @{ Event = "a`nb"; Id = '7'; Data = @{ x = 1 }; Retry = 1.5 }
                "two`r`nlines"
                @{ y = 2 }
            }
            """,
            "text/event-stream");

        Assert.Equal("text/event-stream", answer.ContentType);
        Assert.Equal("event: a b\nid: 7\nretry: 1500\ndata: {\"x\":1}\n\ndata: two\ndata: lines\n\ndata: {\"y\":2}\n\n", answer.Text);
    }

    [Fact]
    public async Task A_large_answer_leaves_while_it_is_written_and_is_whole()
    {
        // The reader meets the writer at a different place each time.
        for (int i = 0; i < Stress.Times(10); i++)
        {
            RouteAnswer answer = await AnswerAsync("New-AsyncRoute GET / { 1..20000 | ForEach-Object { [pscustomobject] @{ n = $_ } } }");

            Assert.Equal(200, answer.Status);
            Assert.False(answer.Headers.ContainsKey("Content-Length"));
            Assert.Equal(20000, ((object[])answer.Content!).Length);
            Assert.EndsWith("{\"n\":20000}]", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{ throw 'secret' }")]
    [InlineData("{ 'part'; throw 'secret' }")]
    [InlineData("{ Write-Error secret; 'part' }")]
    [InlineData("{ 1 / 0; 'secret' }")]
    [InlineData("{ Get-Item -LiteralPath /nowhere/secret }")]
    [InlineData("{ New-AsyncResponse secret; 'more' }")]
    [InlineData("{ 'more'; New-AsyncResponse secret }")]
    [InlineData("{ Get-Item /secret-file }")]
    public async Task An_error_is_a_500_with_an_id_only_and_is_written_with_the_route_as_target(string block)
    {
        ScriptRun run = await _session.RunAsync($"$route = New-AsyncRoute GET / {block}\nInvoke-AsyncRoute $route GET /");

        RouteAnswer answer = Assert.Single(run.Output.OfType<RouteAnswer>());
        Assert.Equal(500, answer.Status);
        string id = System.Text.Json.JsonDocument.Parse(answer.Bytes).RootElement.GetProperty("id").GetString()!;
        Assert.Equal(16, id.Length);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase);
        Assert.IsType<AsyncRoute>(run.Errors[0].TargetObject);
        Assert.Contains($"GET / (request {id}): ", run.Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_broken_off_when_its_block_fails()
    {
        ScriptRun run = await _session.RunAsync("""
            $route = New-AsyncRoute GET / { 1..20000 | ForEach-Object { [pscustomobject] @{ n = $_ } }; throw 'late' }
            try { Invoke-AsyncRoute $route GET / } catch { $_.FullyQualifiedErrorId }
            """);

        Assert.StartsWith("AnswerBroken", Assert.IsType<string>(Assert.Single(run.Output)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expected_errors_and_what_programs_write_to_standard_error_are_none()
    {
        ScriptRun run = await _session.RunAsync("""
            $caught = New-AsyncRoute GET / { try { throw 'x' } catch { 'caught' } }
            (Invoke-AsyncRoute $caught GET /).Text
            $silent = New-AsyncRoute GET / { Get-Item /nowhere -ErrorAction SilentlyContinue; 'fine' }
            (Invoke-AsyncRoute $silent GET /).Text
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["caught", "fine"], run.Output);
    }

    [Fact]
    public async Task Other_streams_of_a_block_are_those_of_the_command()
    {
        ScriptRun run = await _session.RunAsync("""
            $route = New-AsyncRoute GET / { Write-Warning careful; Write-Information informed; 'done' }
            (Invoke-AsyncRoute $route GET / -WarningAction Continue).Text
            """);

        Assert.Equal(["done"], run.Output);
        Assert.Equal("careful", Assert.Single(run.Streams.Warning).Message);
        Assert.Contains(run.Streams.Information, static record => record.MessageData.ToString() == "informed");
    }

    [Fact]
    public async Task Cookies_and_headers_are_sent_as_they_were_given()
    {
        RouteAnswer answer = await AnswerAsync("New-AsyncRoute GET / { New-AsyncResponse ok -Headers @{ 'X-Many' = 1, 2 } -Cookie @{ sid "
            + "= 'a b' } -CookieLifetime 1h -SecureCookie -DownloadName 'a ä.txt' }");

        Assert.Equal("1, 2", answer.Headers["X-Many"]);
        Assert.Equal("sid=a%20b; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600", answer.Headers["Set-Cookie"]);
        Assert.Equal("attachment; filename*=UTF-8''a%20%C3%A4.txt", answer.Headers["Content-Disposition"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }

    [Fact]
    public async Task A_block_sees_what_it_names_of_the_session()
    {
        ScriptRun run = await _session.RunAsync("""
            $shared = @{ n = 41 }
            function Get-Next { $shared.n += 1; $shared.n }
            $route = New-AsyncRoute GET / { Get-Next }
            (Invoke-AsyncRoute $route GET /).Content
            $shared.n
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([42L, 42], run.Output);
    }

    [Theory]
    [InlineData("-Scheme Bearer -Authorize { if ($_.Token -eq 'good') { 'Ada' } }", "Bearer good", 200, "Ada")]
    [InlineData("-Scheme Bearer -Authorize { if ($_.Token -eq 'good') { 'Ada' } }", "bearer bad", 401, null)]
    [InlineData("-Scheme Bearer -Authorize { $true }", null, 401, null)]
    [InlineData("-Scheme Bearer -Authorize { $true }", "Basic Zm9vOmJhcg==", 401, null)]
    [
        InlineData(
            "-Scheme Basic -Authorize { $_.Credential.UserName + ':' + $_.Credential.GetNetworkCredential().Password }",
            "Basic Zm9vOmJhcg==",
            200,
            "foo:bar")
    ]
    [InlineData("-Scheme Basic -Authorize { $true }", "Basic nonsense!", 401, null)]
    [InlineData("-Authorize { $false }", null, 401, null)]
    [InlineData("-Authorize { }", null, 401, null)]
    [InlineData("-Authorize { New-AsyncResponse -Status 403 @{ no = 1 } }", null, 403, null)]
    [InlineData("-Authorize { throw 'x' }", null, 500, null)]
    public async Task Who_may_come_is_what_the_block_says(string parameters, string? header, int status, string? text)
    {
        string headers = header is null ? "@{}" : $"@{{ Authorization = '{header}' }}";
        ScriptRun run = await _session.RunAsync($$"""
            $route = New-AsyncRoute GET / { "$($AsyncRequest.User)" }
            $answer = Invoke-AsyncRoute $route GET / -Headers {{headers}} {{parameters}} -ErrorAction SilentlyContinue
            $answer
            $own = New-AsyncRoute GET / { "$($AsyncRequest.User)" } {{parameters}}
            (Invoke-AsyncRoute $own GET / -Headers {{headers}} -ErrorAction SilentlyContinue).Status
            (Invoke-AsyncRoute (New-AsyncRoute GET / { 'open' } -Anonymous) GET / {{parameters}}).Text
            (Invoke-AsyncRoute $route GET /openapi.json -Headers {{headers}} {{parameters}} -ErrorAction SilentlyContinue).Status
            """);

        var answer = Assert.IsType<RouteAnswer>(run.Output[0]);
        Assert.Equal([status, "open", status], run.Output.Skip(1));
        Assert.Equal(status, answer.Status);
        if (text is not null)
        {
            Assert.Equal(text, answer.Text);
        }
        else if (status == 401 && parameters.Contains("-Scheme", StringComparison.Ordinal))
        {
            Assert.Contains("realm=", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        }
    }

    public void Dispose() => _session.Dispose();

    private async Task<RouteAnswer> AnswerAsync(string route, string accept = "")
    {
        string headers = accept.Length == 0 ? "" : $"-Headers @{{ Accept = '{accept}' }}";
        ScriptRun run = await _session.RunAsync($"$route = {route}\nInvoke-AsyncRoute $route GET / {headers}", TimeSpan.FromMinutes(2));
        Assert.Empty(run.Errors);
        return Assert.Single(run.Output.OfType<RouteAnswer>());
    }
}
