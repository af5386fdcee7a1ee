using System.Management.Automation;
using AsyncPs.Tests.Http;
using AsyncPs.Tests.Http.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/send-outbox.ps1 against a real server.</summary>
public sealed class SendOutboxTests : HttpTest
{
    public SendOutboxTests(TestServer server)
        : base(server)
    {
        Session.Set("example", Repository.Example("send-outbox.ps1"));
        Session.Set("folder", Folder.Path);
        foreach (string name in (string[])["1.json", "2.json", "3.json"])
        {
            File.WriteAllText(Folder[name], "{}");
        }
    }

    [Fact]
    public async Task Messages_are_sent_after_retries_and_moved()
    {
        ScriptRun run = await Session.RunAsync(
            "& $example $folder -Uri \"$base/outbox\" -RetryDelay 1ms | ForEach-Object { \"$($_.Name) $($_.Sent) $($_.Error)\" }");

        Assert.Empty(run.Errors);
        Assert.Equal(["1.json True ", "2.json True ", "3.json True "], run.Output.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(["1.json", "2.json", "3.json"], Names("sent"));
        Assert.Empty(Names("."));
        object summary = Assert.Single(run.Streams.Information).MessageData;
        Assert.Equal("3 sent, 0 not sent", Assert.IsType<HostInformationMessage>(summary).Message);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_put_back()
    {
        ScriptRun run = await Session.RunAsync(
            "& $example $folder -Uri \"$base/status/404?\" -RetryCount 0 | ForEach-Object { \"$($_.Name) $($_.Sent) $([bool] $_.Error)\" "
                + "}");

        Assert.Equal(
            ["1.json False True", "2.json False True", "3.json False True"],
            run.Output.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(["1.json", "2.json", "3.json"], Names("."));
        Assert.Empty(Names("sent"));
    }

    [Fact]
    public async Task What_is_under_way_when_it_is_stopped_is_put_back()
    {
        using RawServer server = RawServer.Doing(static _ => Task.Delay(Timeout.Infinite));
        Session.Set("silent", server.Base);
        ScriptRun run = Session.Start("& $example $folder -Uri $silent");
        await Condition.UntilAsync(() => Directory.GetFiles(Folder.Path, "*.claimed").Length == 3, "all are claimed");

        await run.StopAsync();

        await Condition.UntilAsync(() => Names(".").SequenceEqual(["1.json", "2.json", "3.json"]), "all are put back");
    }

    private string[] Names(string folder)
        => [.. Directory.GetFiles(Folder[folder]).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
