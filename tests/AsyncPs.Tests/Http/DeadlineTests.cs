using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Http;

public sealed class DeadlineTests(TestServer server) : HttpTest(server)
{
    [Fact]
    public async Task Time_that_the_consumer_takes_is_not_the_servers()
    {
        // More records than may wait to be written: without the consumer, no more of the response can be read.
        ScriptRun run = await Session.RunAsync("""
            $n = 0
            Invoke-Concurrent -Uri "$base/lines/3000" -As Lines -OperationTimeoutSeconds 2 |
                ForEach-Object { if ($n++ -eq 0) { [Threading.Thread]::Sleep(3000) } }
            $n
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([3000], run.Output);
    }

    [Fact]
    public async Task Every_request_has_the_whole_time()
    {
        // Together they take longer than a single one may, one after the other on the same connection.
        ScriptRun run = await Session.RunAsync(
            "1..7 | Invoke-Concurrent -Uri { \"$base/wait/300?$_\" } -ThrottleLimit 1 -ConnectionTimeoutSeconds 1.8 -As Text");

        Assert.Empty(run.Errors);
        Assert.Equal(7, run.Output.Count);
    }

    [Fact]
    public async Task A_request_after_one_whose_time_was_over_has_its_own()
    {
        ScriptRun run = await Session.RunAsync(
            "\"$base/never\", \"$base/echo/1\", \"$base/echo/2\" | Invoke-Concurrent -ThrottleLimit 1 -ConnectionTimeoutSeconds 1.5 -As "
                + "Json | ForEach-Object path");

        Assert.Equal(["/echo/1", "/echo/2"], run.Output);
        Assert.StartsWith("HttpTimeout,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_after_an_item_whose_time_was_over_are_not_canceled_with_it()
    {
        ScriptRun run = await Session.RunAsync(
            "1..30 | Invoke-Concurrent -Uri { if ($_ % 3) { \"$base/echo/$_\" } else { \"$base/never\" } } -ThrottleLimit 2 -ItemTimeout "
                + "0.3 -As Json | ForEach-Object path");

        // On a busy machine more of them may take too long, but none ends for another reason.
        Assert.Equal(30, run.Output.Count + run.Errors.Count);
        Assert.InRange(run.Errors.Count, 10, 30);
        Assert.All(run.Errors, e => Assert.StartsWith("ItemTimedOut,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
    }
}
