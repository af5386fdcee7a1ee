using System.Management.Automation;
using AsyncPs.Queues;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class RequestTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task A_request_is_a_GET_that_says_who_it_is()
    {
        dynamic echo = await OneAsync("Invoke-Concurrent -Uri \"$base/echo/a%20b?x=1&y=%26\" -As Json");

        Assert.Equal("GET", echo.method);
        Assert.Equal("/echo/a b", echo.path);
        Assert.Equal("?x=1&y=%26", echo.query);
        Assert.Equal("AsyncPs", echo.headers["user-agent"]);
        Assert.Contains("gzip", (string)echo.headers["accept-encoding"], StringComparison.Ordinal);
        Assert.Equal("", echo.body);
    }

    [Theory]
    [InlineData("-Method Post -Body 'a=b'", "POST", "a=b", "application/x-www-form-urlencoded")]
    [InlineData("-Method put -Body '{\"a\":1}' -ContentType application/json", "PUT", "{\"a\":1}", "application/json")]
    [InlineData("-Method Patch -Body ([byte[]](104, 105))", "PATCH", "hi", null)]
    [InlineData("-Method Post -Body ([ordered]@{ a = 1; 'b c' = 'd&e' })", "POST", "a=1&b%20c=d%26e", "application/x-www-form-urlencoded")]
    [InlineData("-CustomMethod PURGE", "PURGE", "", null)]
    [InlineData("-Method Delete", "DELETE", "", null)]
    [InlineData("-Method Post -Body 'ü' -ContentType 'text/plain; charset=utf-8'", "POST", "ü", "text/plain; charset=utf-8")]
    [InlineData("-Method Post -Body ([xml]'<a/>') -ContentType application/xml", "POST", "<a />", "application/xml")]
    [InlineData("-Method Post -Headers @{ 'content-type' = 'text/x' } -Body 'x'", "POST", "x", "text/x")]
    [InlineData(
        "-Method Post -Headers @{ 'Content-Type' = 'text/x' } -ContentType application/json -Body 'x'",
        "POST",
        "x",
        "application/json")]
    public async Task Method_body_and_media_type_are_those_of_Invoke_WebRequest(string parameters, string method, string body, string? type)
    {
        dynamic echo = await OneAsync($"Invoke-Concurrent -Uri \"$base/echo\" -As Json {parameters}");

        Assert.Equal(method, echo.method);
        Assert.Equal(body, echo.body);
        Assert.Equal(type, echo.headers["content-type"]);
    }

    [Fact]
    public async Task Fields_of_a_GET_are_its_query()
    {
        dynamic echo = await OneAsync("Invoke-Concurrent -Uri \"$base/echo?a=0\" -Body ([ordered]@{ b = 'x y'; c = 2 }) -As Json");

        Assert.Equal("?a=0&b=x%20y&c=2", echo.query);
        Assert.Equal("", echo.body);
    }

    [Fact]
    public async Task Headers_are_sent_and_a_list_is_several()
    {
        dynamic echo = await OneAsync(
            "Invoke-Concurrent -Uri \"$base/echo\" -Headers @{ 'X-One' = 1; 'X-Many' = 'a', 'b'; 'User-Agent' = 'own' } -As Json");

        Assert.Equal("1", echo.headers["x-one"]);
        Assert.Equal("a,b", ((string)echo.headers["x-many"]).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("own", echo.headers["user-agent"]);
    }

    [Fact]
    public async Task A_form_takes_text_and_files()
    {
        string file = Folder["upload.txt"];
        await File.WriteAllTextAsync(file, "from a file", TestContext.Current.CancellationToken);
        Session.Set("file", new FileInfo(file));
        dynamic echo = await OneAsync("Invoke-Concurrent -Uri \"$base/echo\" -Form @{ name = 'value'; upload = $file } -As Json");

        Assert.Equal("POST", echo.method);
        Assert.StartsWith("multipart/form-data; boundary=", (string)echo.headers["content-type"], StringComparison.Ordinal);
        Assert.Contains("from a file", (string)echo.body, StringComparison.Ordinal);
        Assert.Contains($"filename=\"{Path.GetFileName(file)}\"", (string)echo.body, StringComparison.Ordinal);
        Assert.Contains("name=\"name\"", (string)echo.body, StringComparison.Ordinal);

        dynamic plain = await OneAsync("Invoke-Concurrent -Uri \"$base/echo\" -Method Put -InFile $file.FullName -As Json");
        Assert.Equal("from a file", plain.body);
    }

    [Fact]
    public async Task Names_in_a_form_are_in_UTF_8_as_from_curl()
    {
        string file = Folder["ünï \"q\".txt"];
        await File.WriteAllTextAsync(file, "é", TestContext.Current.CancellationToken);
        Session.Set("file", new FileInfo(file));
        using RawServer raw = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Session.Set("raw", raw.Base);
        ScriptRun run = await Session.RunAsync(
            "$null = Invoke-Concurrent -Uri $raw -Form ([ordered]@{ 'né' = 'vé'; \"a`r`nb\" = 1, 2; 'ƒ€' = $file })");

        Assert.Empty(run.Errors);
        string request = Assert.Single(raw.Requests);
        string body = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.Latin1.GetBytes(request[(request.IndexOf(
            "\r\n\r\n",
            StringComparison.Ordinal) + 4)..]));
        string boundary = RawServer.HeaderOf(request, "Content-Type")!.Split('"')[1];
        const string Text = "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=";
        Assert.Equal(
            $"--{boundary}\r\n{Text}\"né\"\r\n\r\nvé\r\n" +
            $"--{boundary}\r\n{Text}\"a%0D%0Ab\"\r\n\r\n1\r\n--{boundary}\r\n{Text}\"a%0D%0Ab\"\r\n\r\n2\r\n" +
            $"--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=\"ƒ€\"; "
                + "filename=\"ünï %22q%22.txt\"\r\n\r\né\r\n" +
            $"--{boundary}--\r\n",
            body);
    }

    [Theory]
    [InlineData("-Method Post -Body ([ordered]@{ c = 1, 2; d = 'x'; e = @() })", "c=1&c=2&d=x", "")]
    [InlineData("-Body ([ordered]@{ c = 1, 2; d = 'x' })", "", "?c=1&c=2&d=x")]
    [InlineData("-Body @{ e = @() }", "", "")]
    public async Task A_list_among_fields_is_a_field_for_each_element(string parameters, string body, string query)
    {
        dynamic echo = await OneAsync($"Invoke-Concurrent -Uri \"$base/echo\" -As Json {parameters}");

        Assert.Equal(body, echo.body);
        Assert.Equal(query, echo.query);
    }

    [Fact]
    public async Task A_row_is_a_request_by_the_names_of_its_columns()
    {
        ScriptRun run = await Session.RunAsync("""
            [pscustomobject]@{ Uri = "$base/echo/1"; Method = ''; Body = ''; Headers = '' },
            [pscustomobject]@{
                Uri = "$base/echo/2"; Method = 'POST'; Body = 'b2'; Headers = '{"X-Row":"two"}'; ContentType = 'text/plain'
            },
            @{ uri = [uri]"$base/echo/3"; Method = 'Put'; Body = @{ a = 1 }; Headers = "X-Row: three`nX-More: 3" },
            "$base/echo/4",
            ([uri]"$base/echo/5") | Invoke-Concurrent -Ordered -As Json -Headers @{ 'X-Row' = 'common' } |
                ForEach-Object { "$($_.method) $($_.path) $($_.body) $($_.headers.'x-row') $($_.headers.'content-type')" }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(
            [
                "GET /echo/1  common ",
                "POST /echo/2 b2 two text/plain",
                "PUT /echo/3 a=1 three application/x-www-form-urlencoded",
                "GET /echo/4  common ",
                "GET /echo/5  common ",
            ],
            run.Output);
    }

    [Fact]
    public async Task Blocks_make_parts_of_a_request_of_the_input_object()
    {
        ScriptRun run = await Session.RunAsync("""
            $prefix = 'n'
            $request = @{ Method = 'Post'; Body = { "$prefix$_" }; Headers = { @{ 'X-N' = $_ } } }
            1..3 |
                Invoke-Concurrent -Uri { "$base/echo/$_" } @request -Ordered -As Json |
                ForEach-Object { "$($_.path) $($_.body) $($_.headers.'x-n')" }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["/echo/1 n1 1", "/echo/2 n2 2", "/echo/3 n3 3"], run.Output);
    }

    [Fact]
    public async Task A_block_that_fails_fails_its_request_only()
    {
        ScriptRun run = await Session.RunAsync(
            "1..3 | Invoke-Concurrent -Uri { if ($_ -eq 2) { throw 'no' }; \"$base/echo/$_\" } -Ordered -As Json | ForEach-Object path");

        Assert.Equal(["/echo/1", "/echo/3"], run.Output);
        Assert.StartsWith("HttpRequestBlockFailed,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, run.Errors[0].Target());
    }

    [Theory]
    [InlineData("-Authentication Bearer -Token $token -AllowUnencryptedAuthentication", "Bearer t0ken")]
    [InlineData("-Authentication OAuth -Token $token -AllowUnencryptedAuthentication", "Bearer t0ken")]
    [InlineData("-Authentication Basic -Credential $credential -AllowUnencryptedAuthentication", "Basic bWU6cDpzcw==")]
    public async Task Authentication_is_a_header(string parameters, string header)
    {
        SetSecrets();
        dynamic echo = await OneAsync($"Invoke-Concurrent -Uri \"$base/echo\" -As Json {parameters}");

        Assert.Equal(header, echo.headers["authorization"]);
    }

    [Fact]
    public async Task Authentication_needs_TLS_or_permission()
    {
        SetSecrets();
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/echo\" -Authentication Bearer -Token $token");

        Assert.Equal("HttpAuthenticationUnencrypted,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        dynamic echo = await OneAsync(
            "Invoke-Concurrent -Uri \"$https/echo\" -Authentication Bearer -Token $token -SkipCertificateCheck -As Json");
        Assert.Equal("Bearer t0ken", echo.headers["authorization"]);
    }

    [Fact]
    public async Task User_info_of_a_URI_is_basic_authentication_and_never_shown()
    {
        string uri = Server.Base.Replace("//", "//me:p%40ss@", StringComparison.Ordinal);
        Session.Set("u", uri);
        dynamic echo = await OneAsync("Invoke-Concurrent -Uri \"$u/echo\" -As Json");
        Assert.Equal("Basic " + Convert.ToBase64String("me:p@ss"u8), echo.headers["authorization"]);

        dynamic result = await OneAsync("\"$u/echo\" | Invoke-Concurrent");
        Assert.Equal(Server.Base + "/echo", ((Uri)result.Uri).OriginalString.TrimEnd('/'));
        Assert.DoesNotContain("p%40ss", (string)result.InputObject, StringComparison.Ordinal);
        ErrorRecord error = await ErrorAsync("\"$u/status/500?key=s3cret\" | Invoke-Concurrent");
        Assert.DoesNotContain(
            "p%40ss",
            error + error.CategoryInfo.ToString() + error.Exception + error.TargetObject,
            StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error + error.CategoryInfo.ToString() + error.Exception, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_are_kept_within_a_call_only_as_sent_and_in_a_session_for_good()
    {
        ScriptRun run = await Session.RunAsync("""
            "$base/cookies/set", "$base/cookies" | Invoke-Concurrent -As Text -ThrottleLimit 1
            Invoke-Concurrent -Uri "$base/cookies" -As Text
            $null = Invoke-Concurrent -Uri "$base/cookies/set" -SessionVariable s
            Invoke-Concurrent -Uri "$base/cookies" -As Text -WebSession $s
            Invoke-Concurrent -Uri "$other/cookies" -As Text -WebSession $s
            Invoke-Concurrent -Uri "$base/cookies" -As Text -WebSession $s -Headers @{ Cookie = 'own=0' }
            $theirs = [pscustomobject]@{ Cookies = $s.Cookies; Headers = @{}; UserAgent = 'theirs' }
            Invoke-Concurrent -Uri "$base/cookies" -As Text -WebSession $theirs
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["set", "one=1; two=2", "", "one=1; two=2", "", "own=0; one=1; two=2", "one=1; two=2"], run.Output);
    }

    [Theory]
    [InlineData("$base", "1.1", "HTTP/1.1")]
    [InlineData("$h2", "2", "HTTP/2")]
    [InlineData("$https", "1.1", "HTTP/1.1")]
    [InlineData("$https", "2", "HTTP/2")]
    public async Task The_version_of_HTTP_is_the_one_asked_for(string address, string version, string protocol)
    {
        dynamic echo = await OneAsync($"Invoke-Concurrent -Uri \"{address}/echo\" -HttpVersion {version} -SkipCertificateCheck -As Json");

        Assert.Equal(protocol, echo.protocol);
    }

    [Theory]
    [InlineData("-HttpVersion 4", "ParameterArgumentTransformationError")]
    [InlineData("-Authentication Basic", "HttpArgumentInvalid")]
    [InlineData("-Authentication Bearer", "HttpArgumentInvalid")]
    [InlineData("-Body 1 -Form @{}", "HttpArgumentInvalid")]
    [InlineData("-NoProxy -Proxy http://p", "HttpArgumentInvalid")]
    [InlineData("-FollowRelLink -NextPage { }", "HttpArgumentInvalid")]
    [InlineData("-MaximumFollowRelLink 2", "HttpArgumentInvalid")]
    [InlineData("-OutFile a -OutDirectory b", "HttpArgumentInvalid")]
    [InlineData("-OutFile a -As Json", "HttpArgumentInvalid")]
    [InlineData("-WebSession 1", "HttpArgumentInvalid")]
    [InlineData("-Headers @{ \"a`nb\" = 1 }", "HttpArgumentInvalid")]
    [InlineData("-Headers @{ a = \"1`r`nX: 2\" }", "HttpArgumentInvalid")]
    [InlineData("-Headers 1", "HttpArgumentInvalid")]
    [InlineData("-Body { 1 }", "HttpArgumentInvalid")]
    [InlineData("-ScriptBlock { }", "AmbiguousParameterSet")]
    public async Task Bad_arguments_end_the_command_before_anything_is_sent(string parameters, string id)
    {
        int before = Server.Requests;
        ErrorRecord error = await Session.FailAsync($"$ErrorActionPreference = 'Stop'; Invoke-Concurrent -Uri \"$base/echo\" {parameters}");

        Assert.Equal(id + ",AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(before, Server.Requests);
    }

    [Fact]
    public async Task Requests_are_made_of_the_items_of_a_queue()
    {
        var queue = new AsyncQueue();
        queue.TryWrite($"{Server.Base}/echo/1");
        queue.TryWrite($"{Server.Base}/status/404");
        queue.TryWrite(new Uri($"{Server.Base}/echo/2"));
        queue.Complete();
        Session.Set("q", queue);

        ScriptRun run = await Session.RunAsync("Invoke-Concurrent -InputStream $q -ThrottleLimit 2 | ForEach-Object { \"$($_.Status)\" }");

        Assert.Equal(["200", "200"], run.Output);
        Assert.Equal($"{Server.Base}/status/404", Assert.Single(run.Errors).Target());
        Assert.Equal((3, 0L), (queue.Finished, queue.InFlight));
    }

    [Fact]
    public async Task An_item_of_a_queue_that_makes_several_requests_is_done_when_all_are()
    {
        var queue = new AsyncQueue();
        queue.TryWrite("a");
        queue.TryWrite("b");
        queue.Complete();
        Session.Set("q", queue);

        ScriptRun run = await Session.RunAsync(
            "Invoke-Concurrent -InputStream $q -Uri { \"$base/echo/1$_\" }, { \"$base/echo/2$_\" } -Ordered | ForEach-Object { "
                + "$_.Uri.AbsolutePath }");

        Assert.Empty(run.Errors);
        Assert.Equal(["/echo/1a", "/echo/2a", "/echo/1b", "/echo/2b"], run.Output);
        Assert.Equal((2, 0L), (queue.Finished, queue.InFlight));
    }

    private void SetSecrets()
    {
        Session.Set("token", Secure.Text("t0ken"));
        Session.Set("credential", Secure.Credential("me", "p:ss"));
    }
}
