using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/ship-logs.ps1 against a real server.</summary>
public sealed class ShipLogsTests : HttpTest
{
    public ShipLogsTests(TestServer server)
        : base(server) => Session.Set("example", Repository.Example("ship-logs.ps1"));

    [Fact]
    public async Task Every_line_of_every_file_arrives_once()
    {
        await File.WriteAllLinesAsync(
            Folder["a.log"],
            Enumerable.Range(0, 130).Select(static i => $"a \"{i}\""),
            TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(
            Folder["b.log"],
            Enumerable.Range(0, 70).Select(static i => $"b {i}"),
            TestContext.Current.CancellationToken);
        Session.Set("logs", Directory.GetFiles(Folder.Path));

        ScriptRun run = await Session.RunAsync(
            "& $example $logs -Uri \"$base/ingest\" -BatchSize 30 -DelaySeconds 60 | ForEach-Object { \"$($_.Lines) $($_.Status) "
                + "$($_.Error)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(
            [.. Enumerable.Repeat("20 200 ", 1), .. Enumerable.Repeat("30 200 ", 6)],
            run.Output.Cast<string>().Order(StringComparer.Ordinal));
        string[] lines = [.. Server.Examples.Ingested.SelectMany(static body => body.TrimEnd('\n').Split('\n'))];
        Assert.Equal(200, lines.Distinct().Count());
        Assert.Contains("{\"file\":\"a.log\",\"line\":\"a \\u00227\\u0022\"}", lines);
        Assert.Matches(@"^200 lines, 0 not sent; [\d.,]+ s$", Assert.Single(run.Streams.Information).ToString());
    }

    [Fact]
    public async Task Lines_that_cannot_be_sent_are_told()
    {
        string log = Folder["a.log"];
        await File.WriteAllLinesAsync(log, ["one", "two", "three"], TestContext.Current.CancellationToken);
        Session.Set("log", log);
        ScriptRun run = await Session.RunAsync(
            "& $example $log -Uri \"$base/status/404\" | ForEach-Object { \"$($_.Lines) $([bool] $_.Error)\" }");

        Assert.Equal(["3 True"], run.Output);
        Assert.StartsWith("3 lines, 3 not sent;", Assert.Single(run.Streams.Information).ToString(), StringComparison.Ordinal);
    }
}
