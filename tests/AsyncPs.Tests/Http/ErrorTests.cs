using System.Management.Automation;
using System.Net.Sockets;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class ErrorTests(TestServer server) : HttpTest(server)
{
    /// <summary>A property of the response of an error; the module's types are not known here.</summary>
    public static object? ResponseOf(ErrorRecord error, string property)
        => PSObject.AsPSObject(PSObject.AsPSObject(error.Exception).Properties["Response"].Value).Properties[property].Value;

    private static object? Property(ErrorRecord error, string name) => PSObject.AsPSObject(error.Exception).Properties[name].Value;

    [Theory]
    [InlineData("nonsense", "HttpUriInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("/relative", "HttpSchemeNotSupported", ErrorCategory.InvalidArgument)]
    [InlineData("http://[bad", "HttpUriInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("ftp://127.0.0.1/", "HttpSchemeNotSupported", ErrorCategory.InvalidArgument)]
    [InlineData("file:///etc/passwd", "HttpSchemeNotSupported", ErrorCategory.InvalidArgument)]
    [InlineData("http://no.such.host.invalid/", "HttpNameNotResolved", ErrorCategory.ObjectNotFound)]
    [InlineData("http://127.0.0.1:1/", "HttpConnectionRefused", ErrorCategory.ConnectionError)]
    [InlineData("$https/echo", "HttpTlsFailed", ErrorCategory.SecurityError)]
    [InlineData("$base/status/404", "HttpStatus", ErrorCategory.ObjectNotFound)]
    [InlineData("$base/status/503", "HttpStatus", ErrorCategory.ResourceUnavailable)]
    [InlineData("$base/status/401", "HttpStatus", ErrorCategory.AuthenticationError)]
    [InlineData("$base/loop/0", "HttpTooManyRedirects", ErrorCategory.LimitsExceeded)]
    [InlineData("$base/redirect?code=302&to=file:///etc/passwd", "HttpSchemeNotSupported", ErrorCategory.SecurityError)]
    public async Task Each_failure_has_its_id_and_harms_no_other_request(string uri, string id, ErrorCategory category)
    {
        if (uri == "/relative" && OperatingSystem.IsWindows())
        {
            id = "HttpUriInvalid";
        }

        ScriptRun run = await Session.RunAsync(
            $"$bad = \"{uri}\"; \"$base/echo/1\", $bad, \"$base/echo/2\" | Invoke-Concurrent -Ordered -As Json | ForEach-Object path; "
                + "$bad");

        Assert.Equal(["/echo/1", "/echo/2"], run.Output.Take(2));
        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal(id + ",AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(run.Output[2], error.Target());
        Assert.Equal("HttpCallException", error.Exception.GetType().Name);
    }

    public static TheoryData<string, string, string> Answers => new()
    {
        { "HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000), "HttpHeaderTooLarge", "" },
        { "SSH-2.0-OpenSSH\r\n", "HttpProtocolViolated", "" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "HttpResponseEnded", "" },
        { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "HttpProtocolViolated", "" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "HttpResponseEnded", "" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HttpProtocolViolated", "" },
        { "", "HttpResponseEnded", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Servers_that_break_the_protocol_are_told_from_each_other(string answer, string id, string parameters)
    {
        using RawServer raw = RawServer.Saying(answer);
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync($"Invoke-Concurrent -Uri $raw {parameters}");

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public async Task A_reset_connection_is_an_error_of_its_own()
    {
        using RawServer raw = RawServer.Doing(stream =>
        {
            stream.Socket.LingerState = new LingerOption(true, 0);
            stream.Socket.Close();
            return Task.CompletedTask;
        });
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw");

        Assert.Equal("HttpConnectionReset", error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Theory]
    [InlineData("never", "-ConnectionTimeoutSeconds 0.1", "-ConnectionTimeoutSeconds")]
    [InlineData("never", "-TimeoutSec 0.1", "-ConnectionTimeoutSeconds")]
    [InlineData("stall", "-OperationTimeoutSeconds 0.1", "-OperationTimeoutSeconds")]
    [InlineData("stall", "-OperationTimeoutSeconds 0.1 -As Lines", "-OperationTimeoutSeconds")]
    public async Task Time_outs_name_their_parameter(string path, string parameters, string named)
    {
        ErrorRecord error = await ErrorAsync($"Invoke-Concurrent -Uri \"$base/{path}\" {parameters}");

        Assert.Equal("HttpTimeout", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Contains(named, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_status_carries_the_response()
    {
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/status/429?after=7\"");

        Assert.Contains("429 Too Many Requests", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("status 429", ResponseOf(error, "Content"));
        Assert.Equal(TimeSpan.FromSeconds(7), PSObject.AsPSObject(error.Exception).Properties["RetryAfter"].Value);
        Assert.Equal(true, PSObject.AsPSObject(error.Exception).Properties["IsTransient"].Value);
    }

    [Theory]
    [InlineData("404", "", false)]
    [InlineData("500", "", true)]
    [InlineData("503", "-Method Post", false)]
    [InlineData("503", "-Method Put", true)]
    public async Task What_may_be_tried_again_is_said(string status, string parameters, bool transient)
    {
        ErrorRecord error = await ErrorAsync($"Invoke-Concurrent -Uri \"$base/status/{status}\" {parameters}");

        Assert.Equal(transient, PSObject.AsPSObject(error.Exception).Properties["IsTransient"].Value);
    }

    [Fact]
    public async Task Retry_After_may_be_a_date()
    {
        Session.Set("after", Uri.EscapeDataString(DateTimeOffset.UtcNow.AddMinutes(2).ToString("R")));
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri \"$base/status/503?after=$after\"");

        var wait = (TimeSpan)PSObject.AsPSObject(error.Exception).Properties["RetryAfter"].Value;
        Assert.InRange(wait, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(121));
    }

    public static TheoryData<string, string, string> BrokenExplanations => new()
    {
        { "404 Gone fishing", "Content-Length: 100\r\n\r\nnot here", "not here" },
        { "503 Busy", "Retry-After: 7\r\nContent-Length: 100\r\n\r\nnot now", "not now" },
        { "503 Busy", "Retry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\nzz", "not" },
        { "500 No", "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "" },
    };

    [Theory]
    [MemberData(nameof(BrokenExplanations))]
    public async Task A_bad_status_counts_more_than_its_broken_body(string status, string rest, string content)
    {
        using RawServer raw = RawServer.Saying($"HTTP/1.1 {status}\r\nConnection: close\r\n{rest}");
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw");

        Assert.StartsWith("HttpStatus,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(status, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(content, ResponseOf(error, "Content"));
        Assert.Equal(
            rest.Contains("Retry-After", StringComparison.Ordinal) ? TimeSpan.FromSeconds(7) : null,
            Property(error, "RetryAfter"));
    }

    [Fact]
    public async Task A_404_with_a_broken_body_is_not_tried_again()
    {
        using RawServer raw = RawServer.Saying("HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 100\r\n\r\nshort");
        Session.Set("raw", raw.Base);
        await ErrorAsync("Invoke-Concurrent -Uri $raw -RetryCount 3 -RetryDelay 1ms");

        Assert.Single(raw.Requests);
    }

    [Fact]
    public async Task A_bad_status_whose_body_stalls_keeps_its_Retry_After()
    {
        using RawServer raw = RawServer.Doing(async stream =>
        {
            await stream.WriteAsync("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\nwait"u8.ToArray());
            await stream.CopyToAsync(Stream.Null);
        });
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw -OperationTimeoutSeconds 0.2");

        Assert.StartsWith("HttpStatus,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("wait", ResponseOf(error, "Content"));
        Assert.Equal(TimeSpan.FromSeconds(7), Property(error, "RetryAfter"));
    }

    [Theory]
    [InlineData("12", 12.0)]
    [InlineData("12.5", 12.5)]
    [InlineData(" 0 ", 0.0)]
    [InlineData("99999999999999", (double)int.MaxValue)]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
    [InlineData("Wednesday, 21-Oct-15 07:28:00 GMT", 0.0)]
    [InlineData("Wed Oct 21 07:28:00 2015", 0.0)]
    [InlineData("1\r\nRetry-After: 3\r\nRetry-After: 2", 3.0)]
    [InlineData("-5", null)]
    [InlineData("1e3", null)]
    [InlineData("1,5", null)]
    [InlineData("10:30", null)]
    [InlineData("2030-01-01", null)]
    [InlineData("5/6", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    public async Task Retry_After_is_seconds_or_a_date_of_HTTP(string value, double? seconds)
    {
        using RawServer raw = RawServer.Saying(
            $"HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Session.Set("raw", raw.Base);
        ErrorRecord error = await ErrorAsync("Invoke-Concurrent -Uri $raw");

        Assert.Equal(seconds, ((TimeSpan?)Property(error, "RetryAfter"))?.TotalSeconds);
    }

    [Fact]
    public async Task SkipHttpErrorCheck_writes_every_response()
    {
        ScriptRun run = await Session.RunAsync(
            "200, 404, 500 | Invoke-Concurrent -Uri { \"$base/status/$_\" } -SkipHttpErrorCheck -Ordered | ForEach-Object Status");

        Assert.Empty(run.Errors);
        Assert.Equal([200, 404, 500], run.Output);
    }

    [Fact]
    public async Task Input_without_a_URI_is_an_error_of_that_object()
    {
        ScriptRun run = await Session.RunAsync(
            "[pscustomobject]@{ Url = 'x' }, \"$base/echo/1\", 5, $null | Invoke-Concurrent -As Json | ForEach-Object path");

        Assert.Equal(["/echo/1"], run.Output);
        Assert.Equal(3, run.Errors.Count);
        Assert.All(run.Errors, e => Assert.StartsWith("HttpUriMissing", e.FullyQualifiedErrorId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_block_nor_URI_ends_the_command()
    {
        foreach (string command in new[]
        {
            "1 | Invoke-Concurrent",
            "Invoke-Concurrent",
            "[pscustomobject]@{ a = 1 } | Invoke-Concurrent -ThrottleLimit 3",
        })
        {
            ErrorRecord error = await Session.FailAsync($"$ErrorActionPreference = 'Stop'; {command}");
            Assert.Equal("NothingToRun,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        }
    }
}
