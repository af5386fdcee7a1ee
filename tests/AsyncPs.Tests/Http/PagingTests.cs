using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class PagingTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task Links_are_followed_to_the_last_page()
    {
        ScriptRun run = await Session.RunAsync(
            "Invoke-Concurrent -Uri \"$base/pages/1?of=4\" -FollowRelLink -As Json | ForEach-Object { \"$($_.page).$($_.item)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2"], run.Output);
    }

    [Fact]
    public async Task No_more_pages_than_asked_for()
    {
        ScriptRun run = await Session.RunAsync(
            "(Invoke-Concurrent -Uri \"$base/pages/1?of=9\" -FollowRelLink -MaximumFollowRelLink 2).Uri.AbsolutePath");

        Assert.Equal(["/pages/1", "/pages/2", "/pages/3"], run.Output);
    }

    [Fact]
    public async Task Pages_come_only_as_they_are_used()
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync(
            "foreach ($x in 1) { Invoke-Concurrent -Uri \"$base/pages/1?of=100000000\" -FollowRelLink | ForEach-Object { "
                + "$_.Uri.AbsolutePath; if ($_.Uri.AbsolutePath -eq '/pages/3') { break } } }");

        Assert.Equal(["/pages/1", "/pages/2", "/pages/3"], run.Output);
        Assert.InRange(Server.Requests - before, 3, 3000);
    }

    [Fact]
    public async Task A_result_has_its_links()
    {
        ScriptRun run = await Session.RunAsync(
            "$r = Invoke-Concurrent -Uri \"$base/pages/1?of=4\"; $r.RelationLink['next'].AbsoluteUri; $r.RelationLink['UP'].AbsolutePath; "
                + "$r.RelationLink['first'].AbsolutePath");

        Assert.Equal([Server.Base + "/pages/2?of=4", "/pages/2", "/pages/1"], run.Output);
    }

    [Theory]
    [InlineData("</2>; rel=next", "/2")]
    [InlineData("</1>; title=\"x\\\"</evil>; rel=next\\\"\"; rel=prev, </2>; rel=\"next\"", "/2")]
    [InlineData("</1>; title=\"a\\\", </evil>; rel=\\\"next\"; rel=prev, </2>; rel=next", "/2")]
    [InlineData("</1>; title=\", </evil>; rel=next, \"; rel=prev, </2>; rel=next", "/2")]
    [InlineData("</1>; rel=prev junk \"</evil>; rel=next\", </2>; rel=next", "/2")]
    [InlineData("</1>; title=\"</evil>; rel=next", "")]
    [InlineData("junk </evil>; rel=next, </2>; rel=next", "/2")]
    [InlineData("</a,b>; rel=\"prev next\"", "/a,b")]
    [InlineData("</2>; rel=next; rel=prev", "/2")]
    [InlineData(",, </2> ;rel = next", "/2")]
    public async Task Links_are_read_as_they_are_meant(string link, string next)
    {
        using RawServer raw = RawServer.Saying($"HTTP/1.1 200 OK\r\nLink: {link}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Session.Set("raw", raw.Base);
        string path = await Session.TextAsync(
            "$r = Invoke-Concurrent -Uri $raw; \"$(if ($r.RelationLink.ContainsKey('next')) { $r.RelationLink['next'].AbsolutePath })\"");

        Assert.Equal(next, path);
    }

    [Theory]
    [InlineData("-FollowRelLink", "Link: <$raw/2>; rel=next\r\n")]
    [InlineData("-NextPage { if (\"$($args[0].Uri)\".StartsWith('https')) { \"$raw/2\" } }", "")]
    public async Task A_next_page_without_encryption_is_refused_as_a_redirect_is(string parameters, string link)
    {
        using RawServer raw = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
        Session.Set("raw", raw.Base);
        Session.Set("link", link.Length > 0 ? $"?next={Uri.EscapeDataString(raw.Base + "/2")}" : "");
        string script = $"Invoke-Concurrent -Uri \"$https/linked$link\" -SkipCertificateCheck -As Text {parameters}";
        ScriptRun run = await Session.RunAsync(script);

        Assert.Equal(["linked"], run.Output);
        Assert.StartsWith("HttpRedirectInsecure,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(raw.Requests);
        Assert.Equal("linked two", await Session.TextAsync(script + " -AllowInsecureRedirect"));
    }

    [Theory]
    [InlineData("if ($_.next) { \"/cursor?cursor=$($_.next)\" }", "")]
    [InlineData("if ($_.next) { [uri]\"$base/cursor?cursor=$($_.next)\" }", "")]
    [InlineData("if ($_.next) { @{ Body = \"$($_.next)\" } }", "-Method Post")]
    [InlineData("if ($_.next) { @{ Method = 'POST'; Body = \"$($_.next)\"; ContentType = 'text/plain' } }", "")]
    [InlineData("if ($args[0].FinalUri -and $_.next) { @{ Uri = \"/cursor?cursor=$($_.next)\" } }", "")]
    public async Task A_block_of_the_caller_finds_the_next_page(string block, string parameters)
    {
        foreach (string order in new[] { "", "-Ordered" })
        {
            ScriptRun run = await Session.RunAsync(
                $"(\"$base/cursor\", \"$base/cursor\" | Invoke-Concurrent -As Json {order} {parameters} -NextPage {{ {block} }}).items");

            Assert.Empty(run.Errors);
            string[] once = ["1", "2", "3", "4"];
            Assert.Equal(once.Concat(once).Order(), run.Output.Order());
            Assert.True(order.Length == 0 || run.Output.SequenceEqual(once.Concat(once)));
        }
    }

    [Fact]
    public async Task The_body_of_the_next_page_goes_before_the_file_of_the_first()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder["first"], "1", TestContext.Current.CancellationToken);
        Session.Set("file", folder["first"]);
        ScriptRun run = await Session.RunAsync(
            "(Invoke-Concurrent -Uri \"$base/cursor\" -Method Post -InFile $file -As Json -MaximumFollowRelLink 5 -NextPage { if "
                + "($_.next) { @{ Body = \"$($_.next)\" } } }).items");

        Assert.Empty(run.Errors);
        Assert.Equal(["1", "2", "3", "4"], run.Output);
    }

    [Fact]
    public async Task Fields_for_the_next_page_are_not_sent_as_the_file_of_the_first_was()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder["first"], "1", TestContext.Current.CancellationToken);
        Session.Set("file", folder["first"]);
        ScriptRun run = await Session.RunAsync(
            "(Invoke-Concurrent -Uri \"$base/echo\" -Method Post -InFile $file -As Json -NextPage { if ($_.body -eq '1') { @{ Body = @{ q "
                + "= 2 } } } }).headers.'Content-Type'");

        Assert.Empty(run.Errors);
        Assert.Equal(["application/octet-stream", "application/x-www-form-urlencoded"], run.Output);
    }

    [Fact]
    public async Task In_the_background_the_block_runs_on_a_worker()
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync("""
            function next-of($page) { if ($page.next) { "/cursor?cursor=$($page.next)" } }
            $seen = [System.Collections.Concurrent.ConcurrentBag[object]]::new()
            $jobs = "$base/cursor", "$base/cursor" | Start-Throttled -As Json -NextPage { $seen.Add($args[0].StatusCode); next-of $_ }
            (Receive-Job -Job $jobs -Wait).items
            $seen.Count
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["1", "1", "2", "2", "3", "3", "4", "4"], run.Output.SkipLast(1).Select(static o => o!.ToString()!).Order());
        Assert.Equal(Server.Requests - before, run.Output[^1]);
    }

    [Fact]
    public async Task In_the_background_a_block_that_fails_fails_its_job()
    {
        ScriptRun run = await Session.RunAsync("""
            $job = Start-Throttled -Uri "$base/cursor" -As Json -NextPage { throw 'no' }
            $null = Wait-Job -Job $job
            $job.State; $job.Failure.FullyQualifiedErrorId; $job.Failure.Exception.Message
            """);

        Assert.Equal("Failed", run.Output[0]!.ToString());
        Assert.StartsWith("HttpNextPageInvalid", (string)run.Output[1]!, StringComparison.Ordinal);
        Assert.EndsWith("has failed: no", (string)run.Output[2]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_stopped_stops_its_block()
    {
        ScriptRun run = await Session.RunAsync("""
            $started = [System.Threading.ManualResetEventSlim]::new()
            $job = Start-Throttled -Uri "$base/cursor" -As Json -NextPage { $started.Set(); while ($true) { } }
            $started.Wait()
            Stop-Job -Job $job
            $null = Wait-Job -Job $job
            $job.State
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["Stopped"], run.Output.Select(static o => o!.ToString()));
    }

    [Theory]
    [InlineData("throw 'no'")]
    [InlineData("5")]
    [InlineData("'ftp://x/'")]
    [InlineData("'http://[bad'")]
    [InlineData("@{ Headers = 'bad' }")]
    public async Task A_block_that_fails_fails_its_item(string block)
    {
        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri \"$base/cursor\" -As Json -NextPage {{ {block} }}");

        Assert.Single(run.Output);
        Assert.Equal("HttpNextPageInvalid,AsyncPs.Commands.InvokeConcurrentCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
    }
}
