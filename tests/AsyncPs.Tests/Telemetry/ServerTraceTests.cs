using System.Diagnostics;
using AsyncPs.Tests.Support;
using AsyncPs.Tests.Web;
using AsyncPs.Web;
using Xunit;

namespace AsyncPs.Tests.Telemetry;

/// <summary>A trace goes from the script through HTTP to the server, and on.</summary>
public sealed class ServerTraceTests : WebTest
{
    [Fact]
    public async Task A_trace_goes_on_in_the_block_of_a_route()
    {
        using var spans = new SpanRecorder();
        string mark = $"mark{Guid.NewGuid():N}";
        AsyncServer server = await StartAsync($"New-AsyncRoute GET '/{mark}' {{ 'here' }}");

        ScriptRun run = await Session.RunAsync($"Invoke-Concurrent -Uri '{UriOf(server, $"/{mark}")}'", WaitLimit);

        Assert.Empty(run.Errors);
        Activity served = await spans.FindAsync(span => span.DisplayName == $"GET /{mark}", "the server has answered");
        Activity item = await spans.FindAsync(span => span.ParentSpanId == served.SpanId, "the block has ended");
        Activity request = await spans.FindAsync(span => span.SpanId == served.ParentSpanId, "the request has ended");
        Assert.Equal((ActivityKind.Server, 200), (served.Kind, served.GetTagItem("http.response.status_code")));
        Assert.Equal((ActivityKind.Client, "GET"), (request.Kind, request.DisplayName));
        Assert.Equal(request.TraceId, item.TraceId);
        Assert.Equal("item", item.DisplayName);
    }

    [Fact]
    public async Task A_trace_that_a_client_names_is_continued()
    {
        using var spans = new SpanRecorder();
        string mark = $"mark{Guid.NewGuid():N}";
        AsyncServer server = await StartAsync($"New-AsyncRoute GET '/{mark}' {{ throw 'broken' }}");

        await GetAsync(server, $"/{mark}", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Activity served = await spans.FindAsync(span => span.DisplayName == $"GET /{mark}", "the server has answered");
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", served.TraceId.ToString());
        Assert.Equal("b7ad6b7169203331", served.ParentSpanId.ToString());
        Assert.Equal(ActivityStatusCode.Error, served.Status);
        Assert.Equal("500", served.GetTagItem("error.type"));
    }
}
