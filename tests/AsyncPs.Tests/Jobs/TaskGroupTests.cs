using System.Management.Automation;
using AsyncPs.Concurrency;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>Use-TaskGroup: CPython's tests of task groups, as far as they apply to PowerShell, and more.</summary>
public sealed class TaskGroupTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Results_come_in_the_order_of_starting()
    {
        ScriptRun run = await _session.RunAsync("""
            Use-TaskGroup {
                'first'
                Start-Throttled { [Threading.Thread]::Sleep(50); 'a' }
                $kept = Start-Throttled { 'b' }
                1..3 | Start-Throttled -ThrottleLimit 1 { $_ }
                $null = Start-Throttled { 'c' }
            }
            $kept.State.ToString(); @(Get-Job).Count
            """);

        Assert.Equal(["first", "a", "b", 1, 2, 3, "c", "Completed", 0], run.Output);
    }

    [Fact]
    public async Task An_empty_group_ends_and_one_without_jobs_writes_what_its_block_writes()
    {
        ScriptRun run = await _session.RunAsync("Use-TaskGroup { }; $x = 1; Use-TaskGroup { $x = 2; 'only' }; $x");

        Assert.Equal(["only", 2], run.Output);
    }

    [Fact]
    public async Task Jobs_outside_are_left_alone()
    {
        ScriptRun run = await _session.RunAsync("""
            $outside = Start-Throttled { $probe.Hold(); 'outside' }
            Use-TaskGroup { Start-Throttled { 'inside' } }
            $outside.State -ne 'Completed'
            $probe.Open()
            $outside | Receive-Job -Wait -AutoRemoveJob
            """);

        Assert.Equal(["inside", true, "outside"], run.Output);
    }

    [Fact]
    public async Task The_first_failure_stops_the_others_and_runs_their_finally_blocks()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup {
                1..3 | Start-Throttled { try { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } finally { $probe.Exit() } }
                while ($probe.Running -lt 3) { [Threading.Thread]::Sleep(1) }
                5 | Start-Throttled { throw [IO.IOException]::new('disk') }
                while ($true) { [Threading.Thread]::Sleep(1) }
                'never'
            }
            """);

        var all = Assert.IsType<ConcurrentFailureException>(error.Exception);
        Assert.StartsWith("TaskGroupFailed", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.IsType<IOException>(Assert.Single(all.InnerExceptions));
        Assert.Equal(5, Assert.Single(all.ErrorRecords).Target());
        Assert.Equal(3, _session.Probe.Ended);
    }

    [Fact]
    public async Task What_a_finally_block_of_a_stopped_job_throws_is_one_of_the_failures()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup {
                Start-Throttled {
                    try {
                        $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) }
                    } finally { throw [ArgumentException]::new('in finally') }
                }
                while ($probe.Running -lt 1) { [Threading.Thread]::Sleep(1) }
                Start-Throttled { throw [IO.IOException]::new('disk') }
            }
            """);

        var all = Assert.IsType<ConcurrentFailureException>(error.Exception);
        Assert.Equal(["disk", "in finally"], all.InnerExceptions.Select(static failure => failure.Message));
    }

    // A job fails, and on its way out of the block, wherever that is, the stop reaches it, because another job has failed.
    [Fact]
    public async Task A_failure_that_the_stop_overtakes_is_one_of_the_failures()
    {
        int together = 0;
        int step = 1;
        for (; ; step++)
        {
            Probe probe = _session.NewProbe();
            using var hold = new ThrowHold("second", step, probe.HoldUntilInterrupted);
            ScriptRun run = _session.Start("""
                try {
                    Use-TaskGroup {
                        $job = Start-Throttled { throw 'second' }
                        while ($probe.Running -lt 1 -and $job.State -ne 'Failed') { [Threading.Thread]::Sleep(1) }
                        throw 'first'
                    }
                } catch { $_.Exception.InnerExceptions.Message }
                """);
            await run.EndAsync();

            Assert.Empty(run.Errors);
            if (probe.Running == 0)
            {
                // It is not thrown that often.
                break;
            }

            string[] messages = [.. run.Output.Cast<string>()];
            Assert.Contains("first", messages);
            together += messages.Contains("second") ? 1 : 0;
        }

        Assert.InRange(together, 1, step);
    }

    // The first command of a session has its module loaded, which the end of the group cuts off.
    [Fact]
    public async Task A_block_whose_loading_of_a_module_is_cut_off_is_no_failure()
    {
        for (int i = 0; i < Stress.Times(5); i++)
        {
            using var session = new ModuleSession();
            ErrorRecord error = await session.FailStatementAsync("Use-TaskGroup { Start-Throttled { throw 'first' }; Start-Sleep 60 }");

            Exception failure = Assert.Single(Assert.IsType<ConcurrentFailureException>(error.Exception).InnerExceptions);
            Assert.Equal("first", failure.Message);
        }
    }

    [Theory]
    [InlineData("$stopped.Invoke($job); throw $missing", "first")]
    [InlineData("try { $stopped.Invoke($job) } finally { throw $missing }", "first", "missing")]
    public async Task A_missing_command_of_a_stopped_block_counts_in_its_finally_alone(string ending, params string[] expected)
    {
        _session.Set("missing", new CommandNotFoundException("missing"));
        _session.Set("stopped", (PSObject job) => ((ThrottledJob)job.BaseObject).Group!.Canceling.WaitHandle.WaitOne());

        ErrorRecord error = await _session.FailStatementAsync($$"""
            Use-TaskGroup { $job = Start-Throttled { throw 'first' }; {{ending}} }
            """);

        IEnumerable<Exception> failures = Assert.IsType<ConcurrentFailureException>(error.Exception).InnerExceptions;
        Assert.Equal(expected, failures.Select(static failure => failure.Message));
    }

    [Fact]
    public async Task The_error_that_ends_a_job_waits_for_no_room()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            $job = Start-Throttled { 1..2 | ForEach-Object { Write-Error "$_" }; throw 'end' } -BufferLimit 2
            Wait-Job $job -Timeout 30 | ForEach-Object { throw $_.Failure }
            """);

        Assert.Equal("end", error.Exception.Message);
    }

    [Fact]
    public async Task A_block_that_fails_stops_the_jobs()
    {
        foreach (string failure in new[] { "throw 'body'", "1/0", "[int]::Parse('x')" })
        {
            Probe probe = _session.NewProbe();
            ErrorRecord error = await _session.FailStatementAsync(
                $"Use-TaskGroup {{ Start-Throttled {{ try {{ $probe.Enter(); while ($true) {{ [Threading.Thread]::Sleep(1) }} }} finally "
                    + $"{{ $probe.Exit() }} }}; while ($probe.Running -lt 1) {{ [Threading.Thread]::Sleep(1) }}; {failure}; "
                    + $"$probe.Produce() }}");

            Assert.Single(Assert.IsType<ConcurrentFailureException>(error.Exception).InnerExceptions);
            Assert.Equal(1, probe.Ended);
            Assert.Equal(0, probe.Produced);
        }
    }

    [Fact]
    public async Task Failures_of_the_block_and_of_jobs_are_one_error()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup -OnError Continue {
                $j = Start-Throttled { throw 'job' }
                $null = $j | Wait-Job
                throw 'body'
            }
            """);

        Assert.Equal(
            ["job", "body"],
            Assert.IsType<ConcurrentFailureException>(error.Exception).InnerExceptions.Select(static e => e.Message));
    }

    [Fact]
    public async Task Catch_finds_the_first_failure_by_its_type()
    {
        ScriptRun run = await _session.RunAsync("""
            try {
                Use-TaskGroup { Start-Throttled { throw [IO.IOException]::new('disk') } }
            } catch [ArgumentException] { 'wrong' } catch [IO.IOException] { 'by type' }
            try {
                Use-TaskGroup { Start-Throttled { throw [IO.IOException]::new('disk') } }
            } catch [AggregateException] { $_.Exception.InnerExceptions[0].Message }
            """);

        Assert.Equal(["by type", "disk"], run.Output);
    }

    [Fact]
    public async Task Stopping_a_job_is_no_failure()
    {
        ScriptRun run = await _session.RunAsync("""
            Use-TaskGroup {
                $stopped = Start-Throttled { while ($true) { [Threading.Thread]::Sleep(1) } }
                Start-Throttled { $probe.Hold(); 'other' }
                $stopped | Stop-Job
                $probe.Open()
            }
            $stopped.State.ToString()
            """);

        Assert.Equal(["other", "Stopped"], run.Output);
    }

    [Fact]
    public async Task What_a_job_only_writes_as_an_error_is_no_failure()
    {
        ScriptRun run = await _session.RunAsync(
            "Use-TaskGroup { Start-Throttled { & { [CmdletBinding()]param() "
                + "$PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('written'), 'Id', 0, $null)) }; 'on' }; "
                + "Start-Throttled { 'other' } }");

        Assert.Equal(["on", "other"], run.Output);
        Assert.Single(run.Errors);
    }

    [Fact]
    public async Task OnError_Continue_leaves_the_others_alone_and_collects()
    {
        ScriptRun run = await _session.RunAsync("""
            Use-TaskGroup -OnError Continue {
                Start-Throttled { throw 'a' }
                $b = Start-Throttled { throw 'b' }
                $null = $b | Wait-Job
                Start-Throttled { 'c' }
            }
            'after'
            """);

        Assert.Equal(["c", "after"], run.Output);
        var all = Assert.IsType<ConcurrentFailureException>(Assert.Single(run.Errors).Exception);
        Assert.Equal(["a", "b"], all.InnerExceptions.Select(static e => e.Message).Order());
    }

    [Fact]
    public async Task Nested_groups_nest_their_errors()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup {
                Start-Throttled { while ($true) { [Threading.Thread]::Sleep(1) } }
                Use-TaskGroup {
                    Start-Throttled { throw [IO.IOException]::new('deep') }
                }
                'never'
            }
            """);

        var outer = Assert.IsType<ConcurrentFailureException>(error.Exception);
        var inner = Assert.IsType<ConcurrentFailureException>(Assert.Single(outer.InnerExceptions));
        Assert.IsType<IOException>(Assert.Single(inner.InnerExceptions));
    }

    [Fact]
    public async Task Groups_in_jobs_nest_their_errors()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup {
                Start-Throttled {
                    Use-TaskGroup {
                        Start-Throttled { throw [IO.IOException]::new('deep') }
                        Start-Throttled { while ($true) { [Threading.Thread]::Sleep(1) } }
                    }
                }
                Start-Throttled { while ($true) { [Threading.Thread]::Sleep(1) } }
            }
            """);

        var outer = Assert.IsType<ConcurrentFailureException>(error.Exception);
        Assert.IsType<ConcurrentFailureException>(Assert.Single(outer.InnerExceptions));
    }

    [Fact]
    public async Task A_failure_outside_stops_a_group_within()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup {
                Start-Throttled { $probe.Hold(); throw 'outer' }
                Use-TaskGroup {
                    1..2 | Start-Throttled {
                        try { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } finally { $probe.Exit() }
                    }
                    while ($probe.Running -lt 2) { [Threading.Thread]::Sleep(1) }
                    $probe.Open()
                    while ($true) { [Threading.Thread]::Sleep(1) }
                }
            }
            """);

        Assert.Equal("outer", Assert.Single(Assert.IsType<ConcurrentFailureException>(error.Exception).InnerExceptions).Message);
        Assert.Equal(2, _session.Probe.Ended);
    }

    [Fact]
    public async Task Jobs_of_jobs_and_of_blocks_belong_to_it()
    {
        ScriptRun run = await _session.RunAsync("""
            Use-TaskGroup {
                Start-Throttled { $null = Start-Throttled { [Threading.Thread]::Sleep(20); 'grandchild' }; 'child' }
                1..2 | Invoke-Concurrent -Ordered { $null = Start-Throttled { "of call $using:_" } }
            }
            @(Get-Job).Count
            """);

        Assert.Equal(["child", "grandchild", "of call 1", "of call 2", 0], run.OutputSorted(first: 4));
    }

    [Fact]
    public async Task What_runs_downstream_does_not_belong_to_it()
    {
        ScriptRun run = await _session.RunAsync("""
            $down = Use-TaskGroup { 'x'; Start-Throttled { 'y' } } | ForEach-Object { Start-Throttled { $probe.Hold(); 'down' } }
            $probe.Open()
            @(Receive-Job -Job $down -Wait -AutoRemoveJob).Count
            """);

        Assert.Equal([2], run.Output);
    }

    [Fact]
    public async Task A_time_out_stops_everything()
    {
        ErrorRecord error = await _session.FailStatementAsync("""
            Use-TaskGroup -Timeout 200ms {
                Start-Throttled { try { while ($true) { [Threading.Thread]::Sleep(1) } } finally { $probe.Produce() } }
                while ($true) { [Threading.Thread]::Sleep(1) }
            }
            """);

        Assert.IsType<TimeoutException>(error.Exception);
        Assert.StartsWith("TaskGroupTimedOut", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(1, _session.Probe.Produced);
    }

    [Theory]
    [InlineData("foreach ($i in 1..3) { Use-TaskGroup { Start-Throttled { try { $probe.Enter(); "
        + "while ($true) { [Threading.Thread]::Sleep(1) } } finally { $probe.Exit() } }; "
        + "while ($probe.Running -lt 1) { [Threading.Thread]::Sleep(1) }; break } }; 'after'")]
    [InlineData("Use-TaskGroup { Start-Throttled { 1; try { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } finally { "
        + "$probe.Exit() } } } | & { process { $_; break } }; 'after'")]
    public async Task Break_stops_the_jobs(string script)
    {
        await _session.RunAsync($"foreach ($once in 1) {{ {script} }}");

        Assert.Equal(1, _session.Probe.Ended);
        Assert.Equal(0, _session.Probe.Running);
        Assert.Equal([0], (await _session.RunAsync("@(Get-Job).Count")).Output);
    }

    [Fact]
    public async Task Return_ends_the_block_and_the_jobs_are_waited_for()
    {
        ScriptRun run = await _session.RunAsync("Use-TaskGroup { Start-Throttled { 'done' }; return; 'never' }; 'after'");

        Assert.Equal(["done", "after"], run.Output);
    }

    [Theory]
    [InlineData("while ($true) { [Threading.Thread]::Sleep(1) }")]
    [InlineData("")]
    public async Task Stopping_the_pipeline_stops_the_jobs(string rest)
    {
        for (int i = 0; i < 10; i++)
        {
            Probe probe = _session.NewProbe();
            ScriptRun run = _session.Start(
                $"Use-TaskGroup {{ 1..4 | Start-Throttled {{ try {{ $probe.Enter(); while ($true) {{ [Threading.Thread]::Sleep(1) }} }} "
                    + $"finally {{ $probe.Exit() }} }}; {rest} }}");
            await Condition.UntilAsync(() => probe.Running == 4, "the jobs run");
            await run.StopAsync();

            Assert.Equal(4, probe.Ended);
        }

        Assert.Equal([0], (await _session.RunAsync("@(Get-Job).Count")).Output);
    }

    [Fact]
    public async Task Groups_under_a_limit_of_one_end()
    {
        ScriptRun run = await _session.RunAsync("""
            $t = New-Throttle -Limit 1
            Use-TaskGroup {
                1..3 | Start-Throttled -Throttle $t { $n = $_; Use-TaskGroup { 1..2 | Start-Throttled -Throttle $t { "$n.$_" } } }
            }
            "$($t.Available) $($t.Waiting)"
            """);

        Assert.Equal(["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "1 0"], run.OutputSorted(first: 6));
    }

    [Fact]
    public async Task Output_beyond_the_buffer_flows()
    {
        ScriptRun run = await _session.RunAsync(
            "(Use-TaskGroup { Start-Throttled -BufferLimit 3 { 1..1000 }; Start-Throttled -BufferLimit 3 { 1..1000 } }).Count");

        Assert.Equal([2000], run.Output);
    }
}
