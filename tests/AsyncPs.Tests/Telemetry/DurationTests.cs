using System.Diagnostics;
using AsyncPs.Tests.Data.Support;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Telemetry;

/// <summary>How long requests take, for those who listen.</summary>
public sealed class RequestDurationTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task Each_request_is_recorded_in_seconds()
    {
        using var metrics = new MetricReader();

        await Session.RunAsync("\"$base/status/200\", \"$base/status/404\" | Invoke-Concurrent -As Text");

        // The port is that of this test's server.
        MetricReader.Reading[] readings =
        [
            .. metrics.Recorded("asyncps.request.duration")
                .Where(reading => Equals(reading.Tags["server.port"], new Uri(Server.Base).Port)),
        ];
        Assert.Equal(["", "404"], readings.Select(static reading => (string?)reading.Tags.GetValueOrDefault("error.type") ?? "").Order());
        Assert.All(readings, static reading =>
        {
            Assert.Equal("s", reading.Unit);
            Assert.InRange(reading.Value, 1e-6, 30);
            Assert.Equal("GET", reading.Tags["http.request.method"]);
        });
        Assert.Equal([200, 404], readings.Select(static reading => (int)reading.Tags["http.response.status_code"]!).Order());
    }
}

/// <summary>How long queries take, for those who listen.</summary>
public sealed class QueryDurationTests : DataTest
{
    [Fact]
    public async Task Each_query_is_recorded_and_has_a_span_below_its_item()
    {
        using var metrics = new MetricReader();
        using var spans = new SpanRecorder();
        string mark = $"mark_{Guid.NewGuid():N}";

        ScriptRun run = await Session.RunAsync($$"""
            $db = Connect-AsyncDatabase -Sqlite :memory:
            @{ secret = 'hidden' } | Invoke-ConcurrentQuery $db 'select @secret as {{mark}}'
            Invoke-ConcurrentQuery $db 'select {{mark}} from nothing' -ErrorAction SilentlyContinue
            """);

        Assert.Single(run.Output);
        Activity query = await spans.FindAsync(
            span => Equals(span.GetTagItem("db.query.text"), $"select @secret as {mark}"), "the query has ended");
        Activity failed = await spans.FindAsync(
            span => Equals(span.GetTagItem("db.query.text"), $"select {mark} from nothing"), "the other has ended");
        Assert.Equal("sqlite", query.GetTagItem("db.system.name"));
        Assert.DoesNotContain(query.TagObjects, static tag => tag.Value is "hidden");
        Assert.Equal(ActivityStatusCode.Error, failed.Status);
        Activity item = await spans.FindAsync(span => span.SpanId == query.ParentSpanId, "its item has ended");
        Activity call = await spans.FindAsync(span => span.SpanId == item.ParentSpanId, "its call has ended");
        Assert.Equal("Invoke-ConcurrentQuery", call.DisplayName);
        Assert.Contains(
            metrics.Recorded("asyncps.query.duration"),
            static reading => reading is { Unit: "s", Value: > 0 } && Equals(reading.Tags["db.operation.name"], "query"));
    }

    [Fact]
    public async Task Batches_of_an_import_are_recorded()
    {
        using var spans = new SpanRecorder();
        string table = $"t_{Guid.NewGuid():N}";

        await Session.RunAsync($$"""
            $db = Connect-AsyncDatabase -Sqlite :memory:
            $null = Invoke-ConcurrentQuery $db 'create table {{table}} (id integer)' -NonQuery
            1..10 | ForEach-Object { @{ id = $_ } } | Import-ConcurrentData $db {{table}} -BatchSize 5
            """);

        await Condition.UntilAsync(
            () => spans.Ended.Count(span => Equals(span.GetTagItem("db.collection.name"), table)) == 2, "two batches were loaded");
    }
}
