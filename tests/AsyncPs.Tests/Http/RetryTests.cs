using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class RetryTests(TestServer server) : HttpTest(server)
{
    private const string Retry = "-RetryDelay 0.001";

    [Theory]
    [InlineData(0, "-As Text")]
    [InlineData(408, "-As Text")]
    [InlineData(429, "-As Text")]
    [InlineData(500, "-As Text -Method Put")]
    [InlineData(502, "-As Text -Method Delete")]
    [InlineData(503, "-As Lines")]
    [InlineData(504, "-As Text -Method Options")]
    public async Task What_may_pass_is_tried_again(int code, string parameters)
    {
        ScriptRun run = await Session.RunAsync(
            $"Invoke-Concurrent -Uri \"$base/flaky/{code}?fails=2&code={code}\" -RetryCount 3 {Retry} {parameters}");

        Assert.Empty(run.Errors);
        Assert.Equal(["3"], run.Output);
    }

    [Theory]
    [InlineData("not", 404, "", 1)]
    [InlineData("post", 503, "-Method Post", 1)]
    [InlineData("often", 503, "", 3)]
    [InlineData("asked", 404, "-RetryOn HttpCallException", 3)]
    [InlineData("block", 404, "-RetryOn { $_.Exception.StatusCode -eq 404 }", 3)]
    [InlineData("refused", 503, "-RetryOn { $false }", 1)]
    [InlineData("wanted", 503, "-Method Post -RetryOn HttpCallException", 3)]
    public async Task What_will_not_pass_is_not_unless_asked_for(string key, int code, string parameters, int attempts)
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync(
            $"Invoke-Concurrent -Uri \"$base/flaky/{key}?fails=9&code={code}\" -RetryCount 2 {Retry} {parameters}");

        Assert.StartsWith("HttpStatus", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(attempts, Server.Requests - before);
    }

    [Theory]
    [InlineData("job-yes", "$_.Exception.StatusCode -eq $code", 3)]
    [InlineData("job-no", "$_.Exception.StatusCode -ne $code", 1)]
    public async Task A_job_asks_the_block_too(string key, string block, int attempts)
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync(
            $"$code = 404; $job = Start-Throttled -Uri \"$base/flaky/{key}?fails=9&code=404\" -RetryCount 2 {Retry} -RetryOn {{ {block} "
                + $"}}; $null = Wait-Job -Job $job; $job.Failure.FullyQualifiedErrorId");

        Assert.StartsWith("HttpStatus", (string)Assert.Single(run.Output)!, StringComparison.Ordinal);
        Assert.Equal(attempts, Server.Requests - before);
    }

    [Fact]
    public async Task Retry_After_sets_the_delay()
    {
        ScriptRun run = await Session.RunAsync(
            "(Invoke-Concurrent -Uri \"$base/flaky/after?fails=1&code=429&after=0\" -RetryCount 1 -RetryDelay 1h).Attempt");

        Assert.Empty(run.Errors);
        Assert.Equal([2], run.Output);
    }

    [Fact]
    public async Task Pages_go_on_with_the_one_that_failed()
    {
        foreach (string shape in new[] { "", "-Ordered" })
        {
            ScriptRun run = await Session.RunAsync(
                $"Invoke-Concurrent -Uri \"$base/tripping/1?key=p{shape}\" -FollowRelLink -As Text -RetryCount 1 {Retry} {shape}");
            Assert.Empty(run.Errors);
            Assert.Equal(["page 1", "page 2", "page 3"], run.Output);
        }

        ScriptRun kept = await Session.RunAsync(
            $"(Invoke-Concurrent -Uri \"$base/tripping/1?key=kept\" -FollowRelLink -As Text -RetryCount 1 {Retry} -AsResult).Output");
        Assert.Equal(["page 1", "page 2", "page 3"], kept.Output);
    }

    [Fact]
    public async Task What_was_written_in_part_is_not_written_again()
    {
        using RawServer raw = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\none\ntwo\nth");
        Session.Set("raw", raw.Base);
        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri $raw -As Lines -RetryCount 3 {Retry}");

        Assert.Equal(["one", "two"], run.Output);
        Assert.StartsWith("HttpResponseEnded", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$base/lines/1?then=too-long", "-As Lines -MaximumResponseSize 300", "HttpResponseTooLarge", 1)]
    [InlineData("$base/cursor", "-As Json -NextPage { throw 'no' }", "HttpNextPageInvalid", 1)]
    [InlineData("$base/cursor", "-As Json -NextPage { 'ftp://x/' }", "HttpNextPageInvalid", 1)]
    [InlineData("$base/json?body=", "-As Json -NextPage { throw 'no' }", "HttpNextPageInvalid", 0)]
    public async Task What_was_written_is_not_written_again_though_it_is_asked_for(string uri, string parameters, string id, int written)
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync(
            $"Invoke-Concurrent -Uri \"{uri}\" {parameters} -RetryCount 3 {Retry} -RetryOn HttpCallException");

        Assert.Equal(written, run.Output.Count);
        Assert.StartsWith(id, Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(written == 0 ? 4 : 1, Server.Requests - before);
    }
}
