using System.Net;
using System.Net.Sockets;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Examples;

/// <summary>examples/watch-services.ps1 against services that come and go.</summary>
public sealed class WatchServicesTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private string Log => _folder["the.log"];

    // Without a lock, which a listener that writes would meet.
    private int Lines()
    {
        if (!File.Exists(Log))
        {
            return 0;
        }

        using var reader = new StreamReader(new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Count(static character => character == '\n');
    }

    [Fact]
    public async Task Changes_are_told_to_all_who_listen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string up = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var alarms = new AsyncQueue();
        _session.Set("example", Repository.Example("watch-services.ps1"));
        _session.Set("endpoints", new[] { up, "127.0.0.1:1" });
        _session.Set("alarms", alarms);
        _session.Set("log", Log);

        ScriptRun run = _session.Start("""
            $limits = @{ Rounds = 200; IntervalSeconds = 0.01; TimeoutSeconds = 20 }
            & $example $endpoints @limits -Log $log -OnDown { Write-AsyncQueue $alarms $_.Data.Endpoint } |
                ForEach-Object { "$($_.Endpoint) $($_.State) $([bool] $_.Note)" }
            """);
        await Condition.UntilAsync(() => run.Records.Count == 2, "both were seen");
        listener.Stop();
        await Condition.UntilAsync(() => run.Records.Count == 3, "one has gone down");

        // Each listener is notified of a change separately, some time after it was written.
        await Condition.UntilAsync(() => alarms.Count == 2, "both alarms were given");
        await Condition.UntilAsync(() => Lines() == 3, "all changes were logged");
        await run.StopAsync();

        Assert.Empty(run.Errors);
        Assert.Equal(["127.0.0.1:1 down True", $"{up} up False"], run.Output.Take(2).Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal($"{up} down True", run.Output[2]);
    }

    [Fact]
    public async Task It_ends_after_its_rounds_and_all_listeners_are_done()
    {
        _session.Set("example", Repository.Example("watch-services.ps1"));
        _session.Set("log", Log);
        ScriptRun run = await _session.RunAsync(
            "& $example 127.0.0.1:1 -Rounds 2 -IntervalSeconds 0 -TimeoutSeconds 20 -Log $log | ForEach-Object State");

        Assert.Equal(["down"], run.Output);
        Assert.Contains(
            " 127.0.0.1:1 down ",
            Assert.Single(await File.ReadAllLinesAsync(Log, TestContext.Current.CancellationToken)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_does_not_wait_for_the_next_round()
    {
        _session.Set("example", Repository.Example("watch-services.ps1"));
        ScriptRun run = _session.Start("& $example 127.0.0.1:1 -IntervalSeconds 3600 -TimeoutSeconds 20");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the round is over");

        await run.StopAsync();

        Assert.Empty(run.Errors);
    }
}
