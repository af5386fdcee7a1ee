using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-Throttle: a limiter that calls share.</summary>
public sealed class ThrottleTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Two_calls_together_never_exceed_the_limit()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("""
            $t = New-Throttle -Limit 3
            Invoke-Concurrent -ThrottleLimit 2 -Args $t, $probe {
                1..20 | Invoke-Concurrent -ThrottleLimit 8 -Throttle $args[0] -Args $args[1] { $args[0].Pass() }
            }, {
                1..20 | Invoke-Concurrent -ThrottleLimit 8 -Throttle $args[0] -Args $args[1] { $args[0].Pass() }
            }
            "$($t.Available) $($t.Waiting)"
            """);
        await Condition.UntilAsync(() => probe.Running == 3, "the limit is reached");
        probe.Open();
        await run.EndAsync();

        Assert.Equal(3, probe.Highest);
        Assert.Equal(40, probe.Ended);
        Assert.Equal(["3 0"], run.Output);
    }

    [Fact]
    public async Task Permits_come_back_after_errors_time_outs_and_stops()
    {
        await _session.RunAsync("$global:t = New-Throttle -Limit 2");
        await _session.RunAsync("1..20 | Invoke-Concurrent -Throttle $t { throw 'x' }");
        await _session.RunAsync("1..4 | Invoke-Concurrent -Throttle $t -ItemTimeout 20ms { [Threading.Thread]::Sleep(-1) }");
        await _session.RunAsync("1..4 | Invoke-Concurrent -Throttle $t -RetryCount 2 -RetryDelay 1ms { throw 'x' }");
        await _session.RunAsync("1..40 | Invoke-Concurrent -Throttle $t { [Threading.Tasks.Task]::Delay(1) }");
        for (int i = 0; i < 30; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start("1..40 | Invoke-Concurrent -ThrottleLimit 8 -Throttle $t -Args $probe { $args[0].Pass() }");
            await Condition.UntilAsync(() => probe.Running == 2, "the limit is reached");
            await run.StopAsync();
        }

        ScriptRun end = await _session.RunAsync("\"$($t.Available) $($t.Waiting)\"");
        Assert.Equal(["2 0"], end.Output);
    }

    [Fact]
    public async Task An_item_that_waits_has_not_begun_to_use_its_time()
    {
        ScriptRun run = await _session.RunAsync(
            "$t = New-Throttle -Limit 1; 1..10 | Invoke-Concurrent -ThrottleLimit 10 -ItemTimeout 1s -Throttle $t { "
                + "[Threading.Thread]::Sleep(150); $_ }");

        Assert.Empty(run.Errors);
        Assert.Equal(10, run.Output.Count);
    }

    [Fact]
    public async Task A_disposed_limiter_fails_the_items()
    {
        ScriptRun run = await _session.RunAsync("$t = New-Throttle -Limit 1; $t.Dispose(); 1..3 | Invoke-Concurrent -Throttle $t { $_ }");

        Assert.Empty(run.Output);
        Assert.Equal([1, 2, 3], run.Errors.Select(static e => e.Target()).Order());
    }
}
