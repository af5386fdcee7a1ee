using System.Globalization;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>The examples of queues and streams, against a real server and real files.</summary>
public sealed class QueueExampleTests : HttpTest
{
    public QueueExampleTests(TestServer server)
        : base(server)
    {
        Session.Set("examples", Repository.Examples);
        Session.Set("log", Log);
    }

    private string Log => Folder["app [1].log"];

    [Fact]
    public async Task Three_consumers_share_the_orders_of_a_producer()
    {
        ScriptRun run = await Session.RunAsync(
            "& \"$examples/producer-consumer.ps1\" -Count 50 -Capacity 5 | ForEach-Object { \"$($_.Order) $($_.Total) $($_.Consumer)\" }");

        Assert.Empty(run.Errors);
        string[][] orders = [.. run.Output.Select(static o => ((string)o!).Split(' '))];
        Assert.Equal(
            Enumerable.Range(1, 50).Select(n => $"{n} {Enumerable.Range(1, 1 + (n % 5)).Sum()}").Order(),
            orders.Select(o => $"{o[0]} {o[1]}").Order());
        Assert.All(orders, static o => Assert.Contains(o[2], (string[])["1", "2", "3"]));
    }

    [Fact]
    public async Task Pages_are_one_stream_and_only_those_in_use_are_asked_for()
    {
        int before = Server.Requests;
        ScriptRun all = await Session.RunAsync("& \"$examples/read-pages.ps1\" \"$base/api/items\" | ForEach-Object { [int] $_ }");
        Assert.Empty(all.Errors);
        Assert.Equal(Enumerable.Range(1, 15).Cast<object>(), all.Output);
        Assert.Equal(5, Server.Requests - before);

        ScriptRun some = await Session.RunAsync(
            "do { & \"$examples/read-pages.ps1\" \"$base/api/items\" | ForEach-Object { $n = 0 } { [int] $_; "
                + "if (++$n -eq 2) { break } } } while ($false)");
        Assert.Equal([1, 2], some.Output);
        Assert.InRange(Server.Requests - before, 6, 7);
    }

    [Fact]
    public async Task A_crawler_asks_for_every_page_of_the_site_once_and_ends()
    {
        int before = Server.Requests;
        ScriptRun run = await Session.RunAsync(
            "& \"$examples/crawl-links.ps1\" \"$base/site/home\" | ForEach-Object { \"$($_.Status) $($_.Links) $($_.Uri.PathAndQuery)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(5, Server.Requests - before);
        Assert.Equal(5, run.Output.Count);
        Assert.Equal(
            ["/site/a", "/site/b?x=1&y=2", "/site/c", "/site/gone", "/site/home"],
            run.Output.Select(static o => ((string)o!).Split(' ')[2]).Order(StringComparer.Ordinal));
        Assert.Contains("404 0 /site/gone", run.Output);

        // Each page but the first was added by one that links to it, whichever came first.
        Assert.Equal(4, run.Output.Sum(static o => int.Parse(((string)o!).Split(' ')[1], CultureInfo.InvariantCulture)));

        ScriptRun few = await Session.RunAsync(
            "& \"$examples/crawl-links.ps1\" \"$base/site/home\" -MaximumPages 2; & \"$examples/crawl-links.ps1\" http://127.0.0.1:1/ | "
                + "ForEach-Object { $_.Status }");
        Assert.Equal(3, few.Output.Count);
        Assert.Equal(0, few.Output[2]);
    }

    [Fact]
    public async Task A_log_is_read_to_its_end()
    {
        await File.WriteAllTextAsync(
            Log,
            "all fine\r\nERROR one\nnothing\nwarning: two\nlast line: it failed",
            TestContext.Current.CancellationToken);

        ScriptRun run = await Session.RunAsync(
            "& \"$examples/tail-log.ps1\" $log -NoFollow | ForEach-Object { \"$($_.Number) $($_.Level) $($_.Text)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(["2 error ERROR one", "4 warn warning: two", "5 fail last line: it failed"], run.Output.Order());
    }

    [Fact]
    public async Task A_log_is_followed_as_it_grows_and_when_it_is_emptied()
    {
        await File.WriteAllTextAsync(Log, "old\n", TestContext.Current.CancellationToken);
        ScriptRun run = Session.Start("& \"$examples/tail-log.ps1\" $log { \"$($_.Number):$($_.Text)\" }");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the first line has come");

        await File.AppendAllTextAsync(Log, "half ", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Log, "a line\n", TestContext.Current.CancellationToken);
        await Condition.UntilAsync(() => run.Records.Count == 2, "a further line has come");
        await File.WriteAllTextAsync(Log, "new\n", TestContext.Current.CancellationToken);
        await Condition.UntilAsync(() => run.Records.Count == 3, "the log was emptied");
        await run.StopAsync();

        Assert.Equal(["1:old", "2:half a line", "1:new"], run.Output);
    }
}
