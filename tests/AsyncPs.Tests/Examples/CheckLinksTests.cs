using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/check-links.ps1 against a real server.</summary>
public sealed class CheckLinksTests : HttpTest
{
    private const string Shape = " | ForEach-Object { \"$($_.Ok) $($_.Status) $([uri]::new($_.Uri).AbsolutePath) $($_.Note)\" }";

    public CheckLinksTests(TestServer server)
        : base(server) => Session.Set("example", Repository.Example("check-links.ps1"));

    [Fact]
    public async Task A_list_of_links_becomes_objects_and_a_summary()
    {
        string list = Folder["links.txt"];
        await File.WriteAllLinesAsync(
            list,
            [
                "# links", "", $"{Server.Base}/echo", $"{Server.Base}/echo", $"{Server.Base}/status/404",
                $"{Server.Base}/redirect?code=301&to=/echo/new", "http://127.0.0.1:1/gone", $"{Server.Base}/json?body=1",
            ],
            TestContext.Current.CancellationToken);
        Session.Set("list", list);
        ScriptRun run = await Session.RunAsync("& $example -Path $list" + Shape);

        Assert.Empty(run.Errors);
        Assert.Equal(
            [
                "False 0 /gone GET http://127.0.0.1:1/gone: the server refused the connection: nothing listens there.",
                "False 404 /status/404 NotFound",
                "True 200 /echo ",
                "True 200 /json ",
                $"True 200 /redirect moved to {Server.Base}/echo/new",
            ],
            run.Output.Select(o => ((string)o!).Replace("HEAD ", "GET ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Matches(
            @"^5 links: 2 fine, 1 moved, 2 broken; [\d.,]+ s, [\d.,]+ links/s$",
            Assert.Single(run.Streams.Information).ToString());
    }

    [Fact]
    public async Task A_sitemap_and_an_index_of_sitemaps_are_read()
    {
        ScriptRun run = await Session.RunAsync("& $example -Sitemap \"$base/sitemap/index.xml\" 6>$null" + Shape);

        Assert.Empty(run.Errors);
        Assert.Equal(["True 200 /echo/1 ", "True 200 /echo/2 "], run.Output.Order());
    }

    [Fact]
    public async Task Links_come_down_the_pipeline()
    {
        ScriptRun run = await Session.RunAsync("\"$base/echo/1\", \"$base/status/500\" | & $example 6>$null" + Shape);

        Assert.Equal(["False 500 /status/500 InternalServerError", "True 200 /echo/1 "], run.Output.Order());
    }
}
