using System.Diagnostics;
using System.Management.Automation;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>Start-Throttled: PowerShell jobs.</summary>
public sealed class JobTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Returns_before_the_block_has_run()
    {
        Probe probe = _session.Probe;
        ScriptRun run = await _session.RunAsync("$global:job = Start-Throttled { $probe.Hold(); 'done' }; $job.State -ne 'Completed'");
        Assert.Equal([true], run.Output);

        probe.Open();
        run = await _session.RunAsync("$job | Receive-Job -Wait; $job.State.ToString()");
        Assert.Equal(["done", "Completed"], run.Output);
    }

    [Fact]
    public async Task Each_input_object_and_each_block_is_a_job()
    {
        ScriptRun run = await _session.RunAsync("""
            Receive-Job -Job (1..3 | Start-Throttled { $_ * 10 }) -Wait -AutoRemoveJob
            Receive-Job -Job (Start-Throttled { 'a' }, { 'b' }) -Wait -AutoRemoveJob
            @(Get-Job).Count
            """);

        Assert.Equal([10, 20, 30, "a", "b", 0], run.OutputSorted(first: 3));
    }

    [Fact]
    public async Task A_job_that_somebody_has_waited_for_can_be_removed_where_its_end_is_told()
    {
        Probe probe = _session.Probe;
        ScriptRun run = await _session.RunAsync(
            "$global:job = Start-Throttled { $probe.Hold(); 'done' }; Wait-WithTimeout $job -Timeout 0 -KeepRunning -ErrorAction Ignore; "
                + "$job");
        var job = Assert.IsType<ThrottledJob>(Assert.Single(run.Output));
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        job.StateChanged += (_, e) =>
        {
            if (e.JobStateInfo.State == JobState.Completed)
            {
                new ThrottledJobSource().RemoveJob(job);
                removed.SetResult();
            }
        };

        probe.Open();
        await removed.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_job_that_was_removed_can_be_removed_again_while_its_end_is_told_and_not_later()
    {
        Probe probe = _session.Probe;
        ScriptRun run = await _session.RunAsync("$global:job = Start-Throttled { $probe.Hold(); 'done' }; $job");
        var job = Assert.IsType<ThrottledJob>(Assert.Single(run.Output));
        var source = new ThrottledJobSource();
        var found = new TaskCompletionSource<Job2?>(TaskCreationOptions.RunContinuationsAsynchronously);
        job.StateChanged += (_, e) =>
        {
            if (e.JobStateInfo.State == JobState.Completed)
            {
                source.RemoveJob(job);
                job.Dispose();
                found.SetResult(source.GetJobByInstanceId(job.InstanceId, recurse: true));
                source.RemoveJob(job);
                job.Dispose();
            }
        };

        probe.Open();
        Assert.Same(job, await found.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Null(source.GetJobByInstanceId(job.InstanceId, recurse: true));
    }

    [Fact]
    public async Task The_block_sees_its_caller_its_arguments_and_its_initialization()
    {
        ScriptRun run = await _session.RunAsync("""
            $name = 'n'
            function Get-It($x) { "$name$x" }
            $arguments = @{ ArgumentList = 1, 2; InitializationScript = { 'init'; $made = 'made' } }
            Start-Throttled { param($a, $b) Get-It $a; $using:name + $b; $made } @arguments |
                Receive-Job -Wait -AutoRemoveJob
            'x', 'y' | Start-Throttled { foreach ($i in $input) { "in $i" } } | Receive-Job -Wait -AutoRemoveJob
            """);

        Assert.Equal(["init", "n1", "n2", "made"], run.Output.Take(4));
        Assert.Equal(["in x", "in y"], run.Output.Skip(4).Order());
    }

    [Fact]
    public async Task A_file_is_run_as_a_block_is()
    {
        using ScriptFile script = new("param($a) \"$a $using:here\"; $PSCommandPath; throw 'from file'");
        _session.Set("file", script.Path);
        ScriptRun run = await _session.RunAsync(
            "$here = 'h'; $j = Start-Throttled -FilePath $file -ArgumentList 1; $j | Receive-Job -Wait; "
                + "$j.Failure.InvocationInfo.ScriptName; $j.JobStateInfo.Reason.Message");
        Assert.Equal(["1 h", script.Path, script.Path, "from file"], run.Output);
        Assert.Equal("from file", Assert.Single(run.Errors).Exception.Message);

        ErrorRecord error = await _session.FailStatementAsync("Start-Throttled -FilePath /no/such/file.ps1");
        Assert.StartsWith("ScriptFileInvalid", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_turn_is_not_started_and_can_be_stopped()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("""
            $global:jobs = 1..6 | Start-Throttled -ThrottleLimit 2 { $probe.Pass(); $_ }
            """);
        await run.EndAsync();
        await Condition.UntilAsync(() => probe.Running == 2, "two run");

        run = await _session.RunAsync("""
            ($jobs | Where-Object State -eq NotStarted).Count
            $jobs[5] | Stop-Job
            $jobs[5].State.ToString()
            """);
        Assert.Equal([4, "Stopped"], run.Output);

        probe.Open();
        run = await _session.RunAsync("Receive-Job -Job $jobs -Wait -AutoRemoveJob; @(Get-Job).Count");
        Assert.Equal([1, 2, 3, 4, 5, 0], run.OutputSorted(first: 5));
        Assert.Equal(2, probe.Highest);
    }

    [Fact]
    public async Task StartJob_does_not_wait_for_a_permit()
    {
        Probe probe = _session.Probe;
        await _session.RunAsync("$global:jobs = 1..3 | Start-Throttled -ThrottleLimit 1 { $probe.Pass() }");
        await Condition.UntilAsync(() => probe.Running == 1, "one runs");
        await _session.RunAsync("$jobs[2].StartJobAsync()");
        await Condition.UntilAsync(() => probe.Running == 2, "another runs");
        probe.Open();

        ScriptRun run = await _session.RunAsync("$null = $jobs | Wait-Job; $jobs.State | ForEach-Object ToString");
        Assert.Equal(["Completed", "Completed", "Completed"], run.Output);
    }

    [Fact]
    public async Task Stopping_runs_finally_blocks()
    {
        Probe probe = _session.Probe;
        await _session.RunAsync(
            "$global:job = Start-Throttled { try { $probe.Enter(); while ($true) { [Threading.Thread]::Yield() } } finally { "
                + "$probe.Exit() } }");
        await Condition.UntilAsync(() => probe.Running == 1, "it runs");
        ScriptRun run = await _session.RunAsync(
            "Stop-Job $job; $job.State.ToString(); $job.JobStateInfo.Reason; Remove-Job $job; @(Get-Job).Count");

        Assert.Equal(["Stopped", 0], run.Output.Where(static o => o is not null));
        Assert.Equal(1, probe.Ended);
    }

    [Fact]
    public async Task A_finally_block_has_its_second_however_recently_another_job_was_stopped_on_its_worker()
    {
        for (int attempt = 1; ; attempt++)
        {
            (Probe first, Probe second) = (new(), new());
            _session.Set("first", first);
            _session.Set("second", second);
            await _session.RunAsync("""
                $global:jobs = $first, $second | Start-Throttled -ThrottleLimit 1 {
                    try { $_.Enter(); while ($true) { [Threading.Thread]::Yield() } } finally {
                        if ($_ -eq $second) { try { $_.Hold() } finally { $_.Exit() } }
                    }
                }
                """);
            await Condition.UntilAsync(() => first.Running == 1, "the first runs");
            long firstStop = Stopwatch.GetTimestamp();
            await _session.RunAsync("Stop-Job $jobs[0]");
            await Condition.UntilAsync(
                () => second.Running == 1 && Stopwatch.GetElapsedTime(firstStop).TotalMilliseconds > 500,
                "the second runs, half a second later");
            if (first.Runner != second.Runner)
            {
                // On a busy machine another worker may be faster.
                Assert.InRange(attempt, 1, 20);
                second.Open();
                await _session.RunAsync("Stop-Job $jobs[1]");
                continue;
            }

            long secondStop = Stopwatch.GetTimestamp();
            await _session.RunAsync("Stop-Job $jobs[1]");

            Assert.Equal(1, second.Ended);
            Assert.InRange(Stopwatch.GetElapsedTime(secondStop).TotalSeconds, 0.98, double.MaxValue);
            return;
        }
    }

    [Fact]
    public async Task Removing_by_force_stops()
    {
        Probe probe = _session.Probe;
        await _session.RunAsync(
            "$global:jobs = 1..4 | Start-Throttled -ThrottleLimit 2 { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } }");
        await Condition.UntilAsync(() => probe.Running == 2, "two run");
        ScriptRun run = await _session.RunAsync("$jobs | Remove-Job -Force; @(Get-Job).Count; $jobs.State | ForEach-Object ToString");

        Assert.Equal([0, "Stopped", "Stopped", "Stopped", "Stopped"], run.Output);
    }

    [Fact]
    public async Task A_job_that_takes_too_long_fails_and_one_that_has_failed_is_tried_again()
    {
        ScriptRun run = await _session.RunAsync("""
            $j = Start-Throttled -Timeout 50ms { while ($true) { [Threading.Thread]::Sleep(1) } } | Wait-Job
            $j.State.ToString(); $j.JobStateInfo.Reason.GetType().Name; $j.Failure.FullyQualifiedErrorId
            $n = [int[]]::new(1)
            Start-Throttled -RetryCount 3 -RetryDelay 1ms { if (++$n[0] -lt 3) { "lost $($n[0])"; throw 'x' }; "at $($n[0])" } |
                Receive-Job -Wait -AutoRemoveJob
            """);

        Assert.Equal(["Failed", "TimeoutException", "JobTimedOut", "at 3"], run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Jobs_are_found_by_every_key()
    {
        ScriptRun run = await _session.RunAsync("""
            $j = Start-Throttled -Name mine { 'hello' } | Wait-Job
            $other = Start-Throttled { 'other' } | Wait-Job
            (Get-Job -InstanceId $j.InstanceId) -eq $j
            (Get-Job -Name mine) -eq $j
            (Get-Job -Command " 'HELLO' ") -eq $j
            (Get-Job -Id $j.Id) -eq $j
            @(Get-Job -State Completed).Count
            $j.PSJobTypeName
            """);

        Assert.Equal([true, true, true, true, 2, "Throttled"], run.Output);
    }

    [Fact]
    public async Task Its_task_ends_as_it_does()
    {
        ScriptRun run = await _session.RunAsync(
            "Start-Throttled { 1; 2 }; Start-Throttled { throw [IO.IOException]::new('disk') }; "
                + "Start-Throttled { while ($true) { [Threading.Thread]::Sleep(1) } }");
        ThrottledJob[] jobs = [.. run.Output.Cast<ThrottledJob>()];
        PSDataCollection<PSObject> output = await jobs[0].Task.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], output.ReadAll().Select(static o => o.BaseObject));
        Assert.Equal(
            "disk",
            (await Assert.ThrowsAsync<IOException>(() => jobs[1].Task.WaitAsync(
                Condition.Deadline,
                TestContext.Current.CancellationToken))).Message);
        Task<PSDataCollection<PSObject>> stopped = jobs[2].Task;
        jobs[2].StopJobAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.WaitAsync(
            Condition.Deadline,
            TestContext.Current.CancellationToken));
        Assert.Same(jobs[0].Task, jobs[0].Task);
    }

    [Fact]
    public async Task Bad_arguments_start_nothing()
    {
        foreach ((string statement, string id) in new[]
        {
            ("Start-Throttled", "NothingToRun"),
            ("1 | Start-Throttled { }, { }", "SeveralBlocksWithInput"),
            ("Start-Throttled { $using:nothing }", "UsingVariableNotSet"),
            ("Start-Throttled { } -RetryDelay 1", "ParameterNeedsAnother"),
        })
        {
            ErrorRecord error = await _session.FailStatementAsync(statement);
            Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }

        ScriptRun run = await _session.RunAsync("@(Get-Job).Count");
        Assert.Equal([0], run.Output);
    }

    [Fact]
    public async Task A_job_that_was_waited_for_can_be_received_and_removed_when_it_ends()
    {
        ScriptRun run = await _session.RunAsync("""
            $job = Start-Throttled { $probe.Hold(); 'x' }
            $null = Wait-WithTimeout $job 0 -AsResult -KeepRunning
            $probe.Open()
            $job | Receive-Job -Wait -AutoRemoveJob
            """);

        Assert.Equal(["x"], run.Output);
    }

    [Fact]
    public async Task A_module_that_workers_cannot_import_fails_the_jobs()
    {
        using ScriptFile module = new("throw 'no module'", ".psm1");
        _session.Set("file", module.Path);
        ScriptRun run = await _session.RunAsync(
            "$j = 1..3 | Start-Throttled { 1 } -Module $file | Wait-Job; $j.State | ForEach-Object ToString; $j | Remove-Job 3>$null");
        Assert.Equal(["Failed", "Failed", "Failed"], run.Output);

        // Some of them are started after the call has failed.
        run = await _session.RunAsync(
            "$j = 1..60 | ForEach-Object { [Threading.Thread]::Sleep(5); $_ } | Start-Throttled { 1 } -Module $file | Wait-Job; $j.Count; "
                + "$j.State | ForEach-Object ToString; $j | Remove-Job 3>$null");
        Assert.Empty(run.Errors);
        Assert.Equal([60, .. Enumerable.Repeat("Failed", 60)], run.Output);
    }
}
