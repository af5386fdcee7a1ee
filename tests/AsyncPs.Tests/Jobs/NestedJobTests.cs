using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>Jobs that start jobs, and jobs that share limits.</summary>
public sealed class NestedJobTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Receive-Job -Wait -AutoRemoveJob")]
    [InlineData("Wait-Job | Receive-Job")]
    public async Task Jobs_that_wait_for_jobs_under_the_same_limit_give_their_permits_back(string wait)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $t = New-Throttle -Limit 1
            Start-Throttled -Throttle $t {
                1..3 | Start-Throttled -Throttle $t { Start-Throttled -Throttle $t { 'deep' } | {{wait}} } | {{wait}}
            } |
                {{wait}}
            "$($t.Available) $($t.Waiting)"
            """);

        Assert.Equal(["deep", "deep", "deep", "1 0"], run.Output);
    }

    [Fact]
    public async Task So_do_those_under_the_limit_of_the_session()
    {
        ScriptRun run = await _session.RunAsync("""
            $jobs = foreach ($i in 1..30) {
                Start-Throttled {
                    Start-Throttled { Start-Throttled { 1 } | Receive-Job -Wait -AutoRemoveJob } | Receive-Job -Wait -AutoRemoveJob
                }
            }
            @(Receive-Job -Job $jobs -Wait -AutoRemoveJob).Count; @(Get-Job).Count
            """);

        Assert.Equal([30, 0], run.Output);
    }

    [Fact]
    public async Task The_limit_holds_while_jobs_wait_and_go_on()
    {
        ScriptRun run = await _session.RunAsync("""
            $t = New-Throttle -Limit 2
            $jobs = 1..20 | Start-Throttled -Throttle $t {
                $probe.Enter()
                [Threading.Thread]::Sleep(1)
                $probe.Exit()
                $null = Start-Throttled -Throttle $t { $probe.Enter(); [Threading.Thread]::Sleep(1); $probe.Exit() } | Wait-Job
                $probe.Enter()
                [Threading.Thread]::Sleep(1)
                $probe.Exit()
            }
            Receive-Job -Job $jobs -Wait
            "$($t.Available) $($t.Waiting)"
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["2 0"], run.Output);
        Assert.Equal(2, _session.Probe.Highest);
        Assert.Equal(60, _session.Probe.Ended);
    }

    [Fact]
    public async Task A_job_that_waits_is_stopped_and_loses_no_permit()
    {
        Probe probe = _session.Probe;
        for (int i = 0; i < 5; i++)
        {
            await _session.RunAsync(
                "$global:t = New-Throttle -Limit 1; $global:job = Start-Throttled -Throttle $t { Start-Throttled -Throttle $t { "
                    + "$probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } | Wait-Job }");
            int before = i;
            await Condition.UntilAsync(() => probe.Running == before + 1, "the inner job runs");
            ScriptRun run = await _session.RunAsync(
                "Stop-Job $job; $job.State.ToString(); Get-Job | Remove-Job -Force; @(Get-Job).Count; \"$($t.Available) $($t.Waiting)\"");
            Assert.Equal(["Stopped", 0, "1 0"], run.Output);
        }
    }

    [Fact]
    public async Task Limits_of_commands_are_their_own()
    {
        Probe probe = _session.Probe;
        await _session.RunAsync(
            "$global:a = 1..3 | Start-Throttled -ThrottleLimit 1 { $probe.Pass() }; $global:b = 1..3 | Start-Throttled -ThrottleLimit 2 { "
                + "$probe.Pass() }");
        await Condition.UntilAsync(() => probe.Running == 3, "one and two run");
        probe.Open();
        await _session.RunAsync("Receive-Job -Job ($a + $b) -Wait");

        Assert.Equal(3, probe.Highest);
    }

    [Fact]
    public async Task Jobs_started_in_blocks_of_a_call_belong_to_the_session()
    {
        ScriptRun run = await _session.RunAsync("""
            $jobs = 1..3 | Invoke-Concurrent { Start-Throttled { "job $using:_" } }
            @(Get-Job).Count
            (Receive-Job -Job $jobs -Wait -AutoRemoveJob).Count
            """);

        Assert.Equal([3, 3], run.Output);
    }

    [Fact]
    public async Task Thousands_of_jobs_leave_no_workers_behind()
    {
        ScriptRun run = await _session.RunAsync("""
            $t = New-Throttle -Limit 4
            $jobs = 1..2000 | Start-Throttled -Throttle $t { $_ }
            @(Receive-Job -Job $jobs -Wait -AutoRemoveJob).Count
            "$($t.Available) $($t.Waiting)"; @(Get-Job).Count
            """);

        Assert.Equal([2000, "4 0", 0], run.Output);
    }
}
