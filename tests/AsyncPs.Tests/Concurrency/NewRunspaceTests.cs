using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>Items that each run in a new runspace.</summary>
public sealed class NewRunspaceTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task An_item_sees_nothing_that_another_has_left()
    {
        ScriptRun run = await _session.RunAsync(
            "1..12 | Invoke-Concurrent -UseNewRunspace -ThrottleLimit 2 { \"<$global:left>\"; $global:left = $_; "
                + "function global:Left { } }");

        Assert.Equal(Enumerable.Repeat("<>", 12), run.Output);
    }

    [Fact]
    public async Task No_more_run_at_once_than_the_limit()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..9 | Invoke-Concurrent -UseNewRunspace -ThrottleLimit 3 { ($using:probe).Enter(); ($using:probe).Hold(); "
                + "($using:probe).Exit(); [runspace]::DefaultRunspace.InstanceId }");
        await Condition.UntilAsync(() => probe.Running == 3, "as many run as may");
        probe.Open();
        await run.EndAsync();

        Assert.Equal(9, run.Output.Distinct().Count());
        Assert.Equal(3, probe.Highest);
    }

    [Fact]
    public async Task The_blocks_of_a_worker_run_for_each_item()
    {
        ScriptRun run = await _session.RunAsync(
            "1..6 | Invoke-Concurrent -Ordered -UseNewRunspace -InitializationScript { ($using:probe).Produce(); "
                + "$x = 10 } -FinalizationScript { ($using:probe).Exit() } { $x + $_ }");

        Assert.Equal([11, 12, 13, 14, 15, 16], run.Output);
        // A runspace may have been opened for an item that another one has taken.
        Assert.InRange(_session.Probe.Produced, 6, 9);
        Assert.Equal(_session.Probe.Produced, _session.Probe.Ended);
    }

    [Fact]
    public async Task Items_that_time_out_and_items_that_fail_leave_the_others_alone()
    {
        ScriptRun run = await _session.RunAsync(
            "1..9 | Invoke-Concurrent -Ordered -UseNewRunspace -ThrottleLimit 2 -ItemTimeout 2s { if ($_ % 3 -eq 1) { "
                + "[Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait() }; if ($_ % 3 -eq 2) { throw 'no' }; $_ }");

        Assert.Equal([3, 6, 9], run.Output);
        Assert.Equal(6, run.Errors.Count);
    }

    [Fact]
    public async Task A_retry_and_an_awaited_task_work_as_in_warm_ones()
    {
        ScriptRun run = await _session.RunAsync(
            "1..5 | Invoke-Concurrent -Ordered -UseNewRunspace -RetryCount 1 -RetryDelay 1ms { if ($AsyncContext.Attempt -eq 1) { throw "
                + "'once' }; [Threading.Tasks.Task]::Delay(1); [Threading.Tasks.Task]::FromResult($_) }");

        Assert.Equal([1, 2, 3, 4, 5], run.Output);
        Assert.Empty(run.Errors);
    }
}
