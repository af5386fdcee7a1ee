using System.Diagnostics;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Telemetry;

/// <summary>Spans of calls, items and requests, and how they nest.</summary>
public sealed class TraceTests(TestServer server) : HttpTest(server)
{
    private readonly string _mark = $"mark-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_request_of_a_block_is_below_its_item_and_the_server_is_told()
    {
        using var spans = new SpanRecorder();
        string file = Script(
            "$u = \"$base/echo\"; 0..1 | Invoke-Concurrent { $x = $u | Invoke-Concurrent -As Json; $x.headers.traceparent }");

        ScriptRun run = await Session.RunAsync($". '{file}'");

        Assert.Empty(run.Errors);
        Activity call = await CallAsync(spans, file);
        Assert.Equal("Invoke-Concurrent", call.DisplayName);
        Assert.Equal(2L, call.GetTagItem("asyncps.items.ended"));
        IReadOnlyList<Activity> items = spans.Below(call);
        Assert.Equal(["item", "item"], items.Select(static item => item.DisplayName));
        foreach (Activity item in items)
        {
            Activity inner = Assert.Single(spans.Below(item));
            Activity innerItem = Assert.Single(spans.Below(inner));
            Activity request = Assert.Single(spans.Below(innerItem));
            Assert.Equal(("GET", ActivityKind.Client), (request.DisplayName, request.Kind));
            Assert.Equal(200, request.GetTagItem("http.response.status_code"));
            Assert.Equal($"{Server.Base}/echo", request.GetTagItem("url.full"));
            Assert.Contains(request.Id, run.Output.Select(static told => told?.ToString()));
        }
    }

    [Fact]
    public async Task A_job_belongs_to_its_call()
    {
        using var spans = new SpanRecorder();
        string file = Script("1..2 | Start-Throttled { $_ } | Receive-Job -Wait -AutoRemoveJob");

        await Session.RunAsync($". '{file}'");

        Activity call = await CallAsync(spans, file);
        Assert.Equal("Start-Throttled", call.DisplayName);
        Assert.Equal(2, spans.Below(call).Count);
    }

    [Fact]
    public async Task Failures_and_retries_are_told()
    {
        using var spans = new SpanRecorder();
        string file = Script("0 | Invoke-Concurrent -RetryCount 1 -RetryDelay 1ms { throw [IO.IOException]::new('broken') }");

        await Session.RunAsync($". '{file}'");

        Activity call = await CallAsync(spans, file);
        Activity item = Assert.Single(spans.Below(call));
        Assert.Equal(ActivityStatusCode.Error, item.Status);
        Assert.Equal("System.IO.IOException", item.GetTagItem("error.type"));
        Assert.Equal(2, item.GetTagItem("asyncps.item.attempts"));
        Assert.Equal("retry", Assert.Single(item.Events).Name);
        Assert.Equal(1L, call.GetTagItem("asyncps.items.failed"));
        Assert.Equal(ActivityStatusCode.Unset, call.Status);
    }

    [Fact]
    public async Task A_second_attempt_is_below_its_item()
    {
        using var spans = new SpanRecorder();
        string file = Script("0 | Invoke-Concurrent -Hedge 1ms { Start-Sleep -Milliseconds 200; $_ }");

        await Session.RunAsync($". '{file}'");

        Activity call = await CallAsync(spans, file);
        Activity item = Assert.Single(spans.Below(call));
        Assert.Equal(2, spans.Below(item).Count);
    }

    [Fact]
    public async Task A_call_that_was_stopped_has_an_end_too()
    {
        using var spans = new SpanRecorder();
        string file = Script("0..1 | Invoke-Concurrent -ThrottleLimit 2 { $probe.Pass() }");
        ScriptRun run = Session.Start($". '{file}'");
        await Condition.UntilAsync(() => Session.Probe.Running == 2, "both run");

        await run.StopAsync();

        Activity call = await CallAsync(spans, file);
        await Condition.UntilAsync(() => spans.Below(call).Count == 2, "both items have ended");
        Assert.All(spans.Below(call), static item => Assert.Equal("Canceled", item.GetTagItem("error.type")));
    }

    [Fact]
    public async Task What_fails_at_a_server_has_the_status_as_its_type()
    {
        using var spans = new SpanRecorder();
        string uri = $"{Server.Base}/status/404";

        await Session.RunAsync($"'{uri}?{_mark}' | Invoke-Concurrent");

        Activity request = await spans.FindAsync(
            span => span.GetTagItem("url.full") is string text && text == $"{uri}?...", "the request has ended");
        Assert.Equal("404", request.GetTagItem("error.type"));
        Assert.Equal(404, request.GetTagItem("http.response.status_code"));
    }

    [Fact]
    public async Task A_header_of_the_user_stays()
    {
        using var spans = new SpanRecorder();
        const string own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        dynamic echo = await OneAsync($"Invoke-Concurrent -Uri \"$base/echo\" -Headers @{{ traceparent = '{own}' }} -As Json");

        Assert.Equal(own, echo.headers.traceparent);
    }

    [Fact]
    public async Task Nothing_is_sent_when_no_one_listens()
    {
        // Other tests may have listeners at the same time; a child process has none.
        ChildResult child = await ChildProcess.RunPowerShellAsync(
            "-Command",
            $"Import-Module '{BuiltModule.Manifest}'; "
                + $"(Invoke-Concurrent -Uri {Server.Base}/echo -As Json).headers.psobject.Properties.Name -contains 'traceparent'");

        Assert.Equal("False", child.Output.Trim());
    }

    [Fact]
    public async Task The_state_of_a_worker_stays_apart_with_a_listener_too()
    {
        using var spans = new SpanRecorder();

        string text = await Session.TextAsync(
            "1..20 | Invoke-Concurrent -ThrottleLimit 2 -Ordered { $global:seen += 1; Set-Location /; $global:seen } "
                + "| Sort-Object -Unique");

        Assert.Equal("1", text);
        Assert.Null(Activity.Current);
    }

    private string Script(string text)
    {
        string file = Path.Combine(Folder.Path, $"{_mark}.ps1");
        File.WriteAllText(file, text);
        return file;
    }

    private static Task<Activity> CallAsync(SpanRecorder spans, string file) => spans.FindAsync(
        span => Equals(span.GetTagItem("code.file.path"), file) && span.ParentSpanId == default, "the call has ended");
}
