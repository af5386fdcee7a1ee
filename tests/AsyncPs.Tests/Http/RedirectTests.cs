using System.Management.Automation;
using AsyncPs.Tests.Http.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class RedirectTests(TestServer server) : HttpTest(server)
{
    [Theory]
    [InlineData(301, "POST", "GET", "")]
    [InlineData(302, "POST", "GET", "")]
    [InlineData(303, "POST", "GET", "")]
    [InlineData(307, "POST", "POST", "body")]
    [InlineData(308, "POST", "POST", "body")]
    [InlineData(302, "GET", "GET", "")]
    public async Task Redirects_keep_or_change_the_method_as_browsers_do(int code, string method, string then, string body)
    {
        string content = method == "POST" ? "-Body body" : "";
        dynamic echo = await OneAsync(
            $"Invoke-Concurrent -Uri \"$base/redirect?code={code}&to=/echo\" -Method {method} {content} -As Json");

        Assert.Equal(then, echo.method);
        Assert.Equal(body, echo.body);
    }

    [Fact]
    public async Task The_method_is_kept_on_request()
    {
        dynamic echo = await OneAsync(
            "Invoke-Concurrent -Uri \"$base/redirect?code=302&to=/echo\" -Method Post -Body x -PreserveHttpMethodOnRedirect -As Json");

        Assert.Equal("POST", echo.method);
        Assert.Equal("x", echo.body);
    }

    [Fact]
    public async Task A_result_names_both_ends()
    {
        dynamic result = await OneAsync("Invoke-Concurrent -Uri \"$base/redirect?code=302&to=/echo\"");

        Assert.Equal("/redirect", ((Uri)result.Uri).AbsolutePath);
        Assert.Equal("/echo", ((Uri)result.FinalUri).AbsolutePath);
    }

    [Fact]
    public async Task What_is_meant_for_a_host_stays_there()
    {
        const string Headers = "@{ Authorization = 'Bearer secret'; Cookie = 'a=b'; 'X-Api-Key' = 'k'; Accept = 'text/x' }";
        dynamic same = await OneAsync($"Invoke-Concurrent -Uri \"$base/redirect?code=307&to=$base/echo\" -Headers {Headers} -As Json");
        Assert.Equal("Bearer secret", same.headers["authorization"]);
        Assert.Equal("k", same.headers["x-api-key"]);

        dynamic elsewhere = await OneAsync(
            $"Invoke-Concurrent -Uri \"$base/redirect?code=307&to=$other/echo\" -Headers {Headers} -As Json");
        Assert.Null(elsewhere.headers["authorization"]);
        Assert.Null(elsewhere.headers["cookie"]);
        Assert.Null(elsewhere.headers["x-api-key"]);
        Assert.Equal("text/x", elsewhere.headers["accept"]);
        Assert.Equal("AsyncPs", elsewhere.headers["user-agent"]);

        dynamic there_and_back = await OneAsync(
            $"Invoke-Concurrent -Uri \"$base/redirect?code=307&to=$other/redirect?code=307%26to=$base/echo\" -Headers {Headers} -As Json");
        Assert.Null(there_and_back.headers["authorization"]);
    }

    [Fact]
    public async Task Encryption_is_not_given_up_unasked()
    {
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$https/redirect?code=302&to=$base/echo\" -SkipCertificateCheck");
        Assert.Equal("HttpRedirectInsecure,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);

        dynamic echo = await OneAsync(
            "Invoke-Concurrent -Uri \"$https/redirect?code=302&to=$base/echo\" -SkipCertificateCheck -AllowInsecureRedirect -As Json");
        Assert.Equal("GET", echo.method);
    }

    [Fact]
    public async Task As_many_are_followed_as_asked_for()
    {
        dynamic first = await OneAsync("Invoke-Concurrent -Uri \"$base/loop/0\" -MaximumRedirection 0 -SkipHttpErrorCheck");
        Assert.Equal(302, first.Status);

        int before = Server.Requests;
        await ErrorAsync("Invoke-Concurrent -Uri \"$base/loop/0\" -MaximumRedirection 2");
        Assert.Equal(before + 3, Server.Requests);
    }
}
