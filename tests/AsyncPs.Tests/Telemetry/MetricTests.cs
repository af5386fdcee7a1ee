using AsyncPs.Concurrency;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Telemetry;

/// <summary>The metrics that are computed from calls, queues and throttles.</summary>
[Collection(nameof(SerialTests))]
public sealed class MetricTests : IDisposable
{
    private const string Tag = "asyncps.command";
    private const string Command = "Invoke-Concurrent";

    private readonly ModuleSession _session = new();
    private readonly MetricReader _metrics = new();

    public MetricTests()
    {
        CallMetrics.Publish();
        QueueMetrics.Publish();
        ThrottleMetrics.Publish();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _session.Dispose();
    }

    [Fact]
    public async Task Items_are_counted_by_command_while_they_run_and_afterwards()
    {
        double started = Read("started");
        double ended = Read("ended");
        double failed = Read("failed");
        double retried = Read("retried");
        ScriptRun run = _session.Start("""
            1..10 | Invoke-Concurrent -ThrottleLimit 2 -RetryCount 1 -RetryDelay 1ms {
                if ($_ -le 2) { throw 'x' }
                if ($_ -ge 5) { $probe.Pass() }
            }
            """);

        await Condition.UntilAsync(
            () => _session.Probe.Running == 2 && Read("waiting") == 4, "the fifth and the sixth run, and the others wait");
        Assert.Equal(6, Read("started") - started);
        Assert.Equal(4, Read("ended") - ended);
        Assert.Equal(2, Read("failed") - failed);
        Assert.Equal(2, Read("retried") - retried);
        Assert.Equal(2, Read("in_flight"));
        Assert.Equal(2, _metrics.Read("asyncps.workers", Tag, Command));
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(10, Read("started") - started);
        Assert.Equal(10, Read("ended") - ended);
        Assert.Equal(0, Read("in_flight"));
        Assert.Equal(0, Read("waiting"));
        Assert.Equal(0, _metrics.Read("asyncps.workers", Tag, Command));
    }

    [Fact]
    public async Task Items_that_never_began_are_not_counted()
    {
        double started = Read("started");
        double ended = Read("ended");
        ScriptRun run = _session.Start("1..10 | Invoke-Concurrent -ThrottleLimit 2 { $probe.Pass() }");
        await Condition.UntilAsync(() => _session.Probe.Running == 2, "two run");

        await run.StopAsync();

        await Condition.UntilAsync(() => Read("in_flight") == 0, "the call has ended");
        Assert.Equal(2, Read("started") - started);
        Assert.Equal(2, Read("ended") - ended);
    }

    [Fact]
    public async Task Attempts_are_no_items()
    {
        double ended = Read("ended");

        await _session.RunAsync("0 | Invoke-Concurrent -Hedge 1ms { Start-Sleep -Milliseconds 200; $_ }");

        Assert.Equal(1, Read("ended") - ended);
    }

    [Fact]
    public async Task Permits_and_those_who_wait_for_them_are_counted()
    {
        double taken = _metrics.Read("asyncps.permits.taken");
        double waiting = _metrics.Read("asyncps.permits.waiting");
        ScriptRun run = _session.Start("$t = New-Throttle 2; 1..5 | Invoke-Concurrent -ThrottleLimit 5 -Throttle $t { $probe.Pass() }");

        await Condition.UntilAsync(
            () => _metrics.Read("asyncps.permits.taken") - taken == 2 && _metrics.Read("asyncps.permits.waiting") - waiting == 3,
            "two have a permit, and three wait");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(0, _metrics.Read("asyncps.permits.waiting") - waiting);
    }

    [Fact]
    public async Task Queues_are_counted_by_the_name_that_they_were_given()
    {
        string name = $"orders-{Guid.NewGuid():N}";
        await _session.RunAsync($"$global:q = New-AsyncQueue -Name {name}; 1..3 | Write-AsyncQueue $q");

        Assert.Equal(3, _metrics.Read("asyncps.queue.depth", "asyncps.queue.name", name));

        await _session.RunAsync("Read-AsyncQueue $q -Count 2");
        Assert.Equal(1, _metrics.Read("asyncps.queue.depth", "asyncps.queue.name", name));
    }

    [Fact]
    public async Task Queues_without_a_name_have_one_figure()
    {
        int before = Untagged();
        await _session.RunAsync(
            "$global:one = New-AsyncQueue; 1..3 | Write-AsyncQueue $one; $global:two = New-AsyncQueue; 1 | Write-AsyncQueue $two");

        Assert.Equal(4, Untagged() - before);

        int Untagged()
        {
            _metrics.Read("asyncps.queue.depth");
            return (int)_metrics.Recorded("asyncps.queue.depth").Where(static reading => reading.Tags.Count == 0).Sum(static r => r.Value);
        }
    }

    private double Read(string figure) => _metrics.Read($"asyncps.items.{figure}", Tag, Command);
}
