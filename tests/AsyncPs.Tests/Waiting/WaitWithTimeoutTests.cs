using System.Management.Automation;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using AsyncPs.Waiting;
using Xunit;

namespace AsyncPs.Tests.Waiting;

/// <summary>Wait-WithTimeout, with CPython's tests of wait_for, timeout, wait and shield.</summary>
public sealed class WaitWithTimeoutTests : IDisposable
{
    private const string Prelude = "using namespace System.Management.Automation; $s = [AsyncPs.Tests.Waiting.Sources]; ";

    private readonly ModuleSession _session = new();
    private readonly Sources _sources = new();

    public WaitWithTimeoutTests()
    {
        _session.Set("o", _sources);
        _session.Set("never", new TaskCompletionSource<object>().Task);
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Wait-WithTimeout $s::Ended(1)", "1")]
    [InlineData("Wait-WithTimeout $s::Ended(1) 0", "1")]
    [InlineData("Wait-WithTimeout $s::Ended((1, 2))", "1 2")]
    [InlineData("Wait-WithTimeout $s::Ended(1), $s::ValueOf(2), $s::Ended(3)", "1 2 3")]
    [InlineData("$s::Ended(1), $s::ValueOf(2) | Wait-WithTimeout -Timeout 20", "1 2")]
    [InlineData("Wait-WithTimeout ([Threading.Tasks.Task]::CompletedTask); 'void'", "void")]
    [InlineData("Wait-WithTimeout ([Threading.Tasks.ValueTask]::CompletedTask), ([Threading.Tasks.ValueTask[int]]::new(7))", "7")]
    [InlineData("$o.Source.SetResult(5); Wait-WithTimeout $o.Source", "5")]
    [InlineData("Wait-WithTimeout { 1; 2 }, { $args[0] + $args[1] } -ArgumentList 3, 4", "1 2 7")]
    [InlineData("$x = 5; function f { $x + 1 }; Wait-WithTimeout { f }", "6")]
    [InlineData("Wait-WithTimeout { $s = [AsyncPs.Tests.Waiting.Sources]; $s::ValueOf(2) }", "2")]
    [InlineData("Wait-WithTimeout $s::Job('j', 'Completed', (1, 2))", "1 2")]
    [InlineData("Wait-WithTimeout -Job $s::Job('j', 'Completed', 1), $s::Job('k', 'Completed', 2)", "1 2")]
    [InlineData("$e = [Threading.ManualResetEvent]::new($true); (Wait-WithTimeout $e 0) -eq $e", "True")]
    [InlineData(
        "$e = [Threading.AutoResetEvent]::new($true); (Wait-WithTimeout $e 0) -eq $e; Wait-WithTimeout $e 0 -Default no; "
            + "$null = $e.Set(); (Wait-WithTimeout $e 20) -eq $e; $e.WaitOne(0)",
        "True no True False")]
    [InlineData("$op = [AsyncPs.Tests.Waiting.Operation]::new(); $op.EndLater(); (Wait-WithTimeout $op 20) -eq $op", "True")]
    [InlineData(
        "$q = New-AsyncQueue; 1 | Write-AsyncQueue $q; Wait-WithTimeout $q 1ms -Default busy; $null = Read-AsyncQueue $q -Count 1; "
            + "(Wait-WithTimeout $q 20) -eq $q",
        "busy True")]
    [InlineData("$j = Start-Throttled { 8 }; Wait-WithTimeout $j 20", "8")]
    [InlineData("Wait-WithTimeout @(); 'none'", "none")]
    public async Task Results_are_written_in_input_order(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(Prelude + script));

    [Fact]
    public async Task Input_order_is_kept_whatever_ends_first_and_the_first_is_written_at_once()
    {
        ScriptRun run = _session.Start("Wait-WithTimeout $o.Other.Task, $o.Source.Task, { 'block' }");
        _sources.Other.SetResult("first");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the first result is there");
        _sources.Source.SetResult("second");
        await run.EndAsync();

        Assert.Equal(["first", "second", "block"], run.Output);
    }

    [Theory]
    [InlineData("Wait-WithTimeout $never 1ms", "The task * did not finish within 1 ms (-Timeout) and continues.")]
    [InlineData("Wait-WithTimeout $never 0", "The task * has not finished yet.")]
    [InlineData(
        "Wait-WithTimeout { while ($true) { } } 20ms",
        "The block {while ($true) { }} did not finish within 20 ms (-Timeout) and was stopped.")]
    [InlineData("Wait-WithTimeout { [Threading.Thread]::Sleep(-1) } 20ms", "The block * and was stopped.")]
    [InlineData("Wait-WithTimeout { 'never started' } 0", "The block {'never started'} has not finished yet.")]
    [InlineData(
        "Wait-WithTimeout $s::Job('mine', 'Running') 20ms",
        "The job 'mine' did not finish within 20 ms (-Timeout) and was stopped.")]
    [InlineData(
        "Wait-WithTimeout $s::Job('mine', 'Running') 20ms -KeepRunning",
        "The job 'mine' did not finish within 20 ms (-Timeout) and continues.")]
    [InlineData("Wait-WithTimeout ([Threading.ManualResetEvent]::new($false)) 1ms", "The wait handle (ManualResetEvent) did not finish *")]
    [InlineData("$q = New-AsyncQueue -Name work; 1 | Write-AsyncQueue $q; Wait-WithTimeout $q 1ms", "The queue 'work' did not finish *")]
    [InlineData(
        "Wait-WithTimeout $s::Job('a', 'Running'), $s::Job('b', 'Running') 20ms -Any",
        "None of 2 finished within 20 ms (-Timeout): the job 'a', the job 'b'. Work that could be stopped was stopped.")]
    [InlineData(
        "Wait-WithTimeout $never, $never 1ms -Any",
        "None of 2 finished within 1 ms (-Timeout): the task *, the task *. They continue.")]
    [InlineData("Wait-WithTimeout $never, { 1 } 0 -Any", "None of 2 has finished yet: the task *, the block {1}.")]
    public async Task What_is_late_is_an_error_that_names_it(string script, string message)
    {
        ScriptRun run = await _session.RunAsync(Prelude + script);

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Equal("WaitTimeout,AsyncPs.Commands.WaitWithTimeoutCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.True(
            new WildcardPattern(message.Replace("[", "`[", StringComparison.Ordinal)).IsMatch(error.Exception.Message),
            error.Exception.Message);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("Wait-WithTimeout $s::Ended(1), $never, $s::Ended(3) 1ms -Default none", "1 none 3")]
    [InlineData("$r = @(Wait-WithTimeout $never 1ms -Default $null); $r.Count", "1")]
    [InlineData("Wait-WithTimeout $never, $never 1ms -Any -Default none", "none")]
    [InlineData("Wait-WithTimeout { 'dropped'; while ($true) { } } 20ms -Default none", "none")]
    public async Task A_default_stands_for_what_is_late(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(Prelude + script));

    [Fact]
    public async Task A_time_out_ends_a_caller_that_wants_errors_to()
        => Assert.IsType<TimeoutException>((await _session.FailStatementAsync("Wait-WithTimeout $never 1ms -ErrorAction Stop")).Exception);

    [Fact]
    public async Task What_ended_in_time_is_written_and_what_is_late_is_stopped()
    {
        ScriptRun run = await _session.RunAsync(Prelude + """
            $j = $s::Job('late', 'Running', 'kept')
            Wait-WithTimeout $j, $s::Ended('in time') 20ms -ErrorAction SilentlyContinue
            $j.Stops, "$($j.JobStateInfo.State)", $j.Output.Count
            """);

        // CPython: canceled work has ended when wait_for returns. The output of a late job can still be received.
        Assert.Equal(["in time", 1, "Stopped", 1], run.Output);
    }

    [Theory]
    [InlineData("Wait-WithTimeout $s::Failed('no')", "no", "IOException")]
    [InlineData("Wait-WithTimeout { throw [IO.IOException]::new('no') }", "no", "IOException")]
    [InlineData("Wait-WithTimeout $s::Canceled()", "A task was canceled.", "TaskCanceledException")]
    [InlineData("Wait-WithTimeout $s::Job('j', 'Failed')", "The job 'j' failed.", "InvalidOperationException")]
    [InlineData("Wait-WithTimeout $s::Job('j', 'Stopped')", "The job 'j' was stopped before it was done.", "OperationCanceledException")]
    [InlineData("Wait-WithTimeout (Start-Throttled { throw [IO.IOException]::new('no') })", "no", "IOException")]
    public async Task A_failure_is_an_error_and_the_others_are_waited_for(string script, string message, string type)
    {
        ScriptRun run = await _session.RunAsync($"{Prelude}{script}; Wait-WithTimeout $s::ValueOf('on')");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal(message, error.Exception.Message);
        Assert.Equal(type, error.Exception.GetType().Name);
        Assert.Equal(["on"], run.Output);
    }

    [Fact]
    public async Task The_error_of_a_task_has_the_task_as_its_target_and_that_of_a_block_its_line()
    {
        ScriptRun run = await _session.RunAsync(
            "$t = [AsyncPs.Tests.Waiting.Sources]::Several(); Wait-WithTimeout $t\nWait-WithTimeout {\nthrow 'line 3' }; $t");

        Assert.Equal(["AggregateException", "RuntimeException"], run.Errors.Select(static e => e.Exception.GetType().Name));
        Assert.Same(run.Output[0], run.Errors[0].Target());
        Assert.Equal(3, run.Errors[1].InvocationInfo.ScriptLineNumber);
    }

    [Fact]
    public async Task All_streams_of_a_block_come_live()
    {
        ScriptRun run = _session.Start("""
            Wait-WithTimeout {
                $VerbosePreference = 'Continue'
                & {
                    [CmdletBinding()] param() $PSCmdlet.WriteWarning('w')
                    $PSCmdlet.WriteVerbose('v')
                    $PSCmdlet.WriteInformation('i', @())
                }
                Invoke-Concurrent { throw 'e' }
                $probe.Hold()
                'end'
            } -Verbose
            """);
        PSDataStreams streams = run.Streams;
        await Condition.UntilAsync(
            () => streams.Error.Count > 0 && streams.Warning.Count > 0 && streams.Verbose.Count > 0 && streams.Information.Count > 0,
            "a record of each is there while the block runs");
        Assert.False(run.HasEnded);
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(
            ["e", "w", "v", "i"],
            [
                streams.Error[0].Exception.Message,
                streams.Warning[0].Message,
                streams.Verbose[0].Message,
                (string)streams.Information[0].MessageData,
            ]);
        Assert.Equal(["end"], run.Output);
    }

    [Theory]
    [InlineData("Wait-WithTimeout $never, $s::Ended(2), $s::Ended(3) -Any", "1 Succeeded 2 2")]
    [InlineData("Wait-WithTimeout $never, $s::ValueOf(2) -Any -Timeout 20", "1 Succeeded 2 1")]
    [InlineData("Wait-WithTimeout $never, $s::Failed('no') -Any", "1 Failed  1")]
    [InlineData("Wait-WithTimeout { $probe.Hold() }, { 'fast' } -Any -CancelRest", "1 Succeeded fast 0")]
    [InlineData("Wait-WithTimeout $s::Job('slow', 'Running'), $s::Ended(2) -Any -CancelRest", "1 Succeeded 2 0")]
    public async Task The_first_is_written_as_an_object(string script, string expected)
    {
        ScriptRun run = await _session.RunAsync(Prelude + script);

        Assert.Empty(run.Errors);
        var result = Assert.IsType<WaitResult>(Assert.Single(run.Output));
        Assert.Equal(expected, $"{result.Index} {result.Status} {string.Join(',', result.Output)} {result.Pending.Length}");
    }

    [Fact]
    public async Task What_is_pending_can_be_waited_for_again()
    {
        ScriptRun run = _session.Start("""
            $pending = $o.Source.Task, { $probe.Pass(); 'block' }, { 'fast' }
            while ($pending) {
                $next = Wait-WithTimeout $pending -Any
                $next.Output
                $pending = $next.Pending
            }
            """);
        await Condition.UntilAsync(() => run.Records.Count == 1, "the fast one is there");
        _sources.Source.SetResult("task");
        await Condition.UntilAsync(() => run.Records.Count == 2, "the task is there");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(["fast", "task", "block"], run.Output);
        Assert.Equal(1, _session.Probe.Ended);
    }

    [Fact]
    public async Task The_rest_is_canceled_and_has_ended_when_it_is_asked_for()
    {
        ScriptRun run = await _session.RunAsync(Prelude + """
            $j = $s::Job('j', 'Running')
            (Wait-WithTimeout $j, { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } },
                { while (-not $probe.Running) { }; 'fast' } -Any -CancelRest).Output
            $j.Stops
            $probe.Running
            """);

        Assert.Equal(["fast", 1, 0], run.Output);
    }

    [Fact]
    public async Task The_first_failure_ends_the_wait()
    {
        ScriptRun run = await _session.RunAsync(Prelude + """
            $j = $s::Job('j', 'Running')
            Wait-WithTimeout $s::Ended('done'), $never, $j, { throw 'no' } -FirstError
            $j.Stops
            Wait-WithTimeout $s::Ended('done'), $j, $s::Failed('no') -FirstError -CancelRest
            $j.Stops
            """);

        Assert.Equal(["done", 0, "done", 1], run.Output);
        Assert.Equal(["no", "no"], run.Errors.Select(static e => e.Exception.Message));
    }

    [Fact]
    public async Task Without_a_failure_all_are_waited_for()
        => Assert.Equal(
            [1, 2, 3],
            (await _session.RunAsync(Prelude + "Wait-WithTimeout $s::ValueOf(1), { 2 }, $s::Job('j', 'Completed', 3) -FirstError")).Output);

    [Fact]
    public async Task One_object_for_each_says_what_became_of_it()
    {
        ScriptRun run = await _session.RunAsync(Prelude + """
            $late = $s::Job('late', 'Running')
            $tasks = $s::Ended(1), $s::Failed('no'), $late, { Invoke-Concurrent { throw 'written' }; 'on' }, $s::Canceled(), $never
            Wait-WithTimeout $tasks 1s -AsResult
            Wait-WithTimeout $never 1ms -AsResult -Default none
            """);

        Assert.Empty(run.Errors);
        WaitResult[] results = [.. run.Output.Cast<WaitResult>()];
        Assert.Equal(
            [
                "0 Succeeded 1  0",
                "1 Failed  no 0",
                "2 TimedOut  The job 'late' did not finish within 1 s (-Timeout) and was stopped. 0",
                "3 Failed on written 0",
                "4 Canceled  A task was canceled. 0",
            ],
            results
                .Take(5)
                .Select(static r => $"{r.Index} {r.Status} {string.Join(',', r.Output)} "
                    + $"{string.Join(',', r.Error.Select(static e => e.Exception.Message))} {r.Pending.Length}"));
        Assert.Equal("TimedOut 1", $"{results[5].Status} {results[5].Pending.Length}");
        Assert.Equal("TimedOut none 0", $"{results[6].Status} {results[6].Output[0]} {results[6].Error.Length}");
    }

    [Theory]
    [InlineData("Wait-WithTimeout 5", "NotWaitable")]
    [InlineData("Wait-WithTimeout { $probe.Enter() }, 5", "NotWaitable")]
    [InlineData("{ $probe.Enter() }, 'x' | Wait-WithTimeout", "NotWaitable")]
    [InlineData("Wait-WithTimeout ([Threading.Mutex]::new())", "NotWaitable")]
    [InlineData("Wait-WithTimeout { $probe.Enter() } -CancelRest", "ParameterNeedsAnother")]
    [InlineData("Wait-WithTimeout { $probe.Enter() } -Any -FirstError", "AmbiguousParameterSet")]
    [InlineData("Wait-WithTimeout { $probe.Enter() } -Timeout soon", "ParameterArgumentTransformationError")]
    [InlineData("Wait-WithTimeout { $probe.Enter() } -TimeoutSeconds soon", "ParameterArgumentTransformationError")]
    [InlineData("{ $probe.Enter() } | Wait-WithTimeout 5", "TimeoutTakenAsInput")]
    [InlineData("{ $probe.Enter() } | Wait-WithTimeout 0.5", "TimeoutTakenAsInput")]
    public async Task Bad_arguments_fail_before_anything_starts(string script, string id)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.Equal($"{id},AsyncPs.Commands.WaitWithTimeoutCommand", error.FullyQualifiedErrorId);
        Assert.Equal(0, _session.Probe.Running);
    }

    [Theory]
    [InlineData("Wait-WithTimeout { Wait-WithTimeout { while ($true) { } } 1h } 50ms", "")]
    [InlineData("Wait-WithTimeout { Wait-WithTimeout { while ($true) { } } 50ms -Default inner; 'outer' } 1h", "inner outer")]
    [InlineData("Wait-WithTimeout { Wait-WithTimeout { Wait-WithTimeout { while ($true) { } } 1h } 50ms -Default middle } 1h", "middle")]
    [InlineData(
        "Use-AsyncResource ([IO.MemoryStream]::new()) -Timeout 1h { Wait-WithTimeout { while ($true) { } } 50ms -Default inner }",
        "inner")]
    public async Task Time_outs_nest_and_the_shortest_wins(string script, string expected)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Equal(expected, string.Join(' ', run.Output));
        Assert.Equal(expected.Length == 0 ? 1 : 0, run.Errors.Count);
    }

    [Fact]
    public async Task A_late_block_runs_its_finally_and_its_token_is_canceled()
    {
        ScriptRun run = await _session.RunAsync("""
            Wait-WithTimeout {
                $token = $AsyncContext.CancellationToken
                try { $token.WaitHandle.WaitOne() } finally { if ($token.IsCancellationRequested) { $probe.Exit() } }
            } 200ms -Default none
            """);

        Assert.Equal(["none"], run.Output);
        Assert.Equal(1, _session.Probe.Ended);
    }

    [Fact]
    public async Task What_is_shielded_goes_on_and_can_be_waited_for_again()
    {
        ScriptRun run = _session.Start("""
            Wait-WithTimeout { $probe.Pass(); 'late' } 20ms -KeepRunning -ErrorVariable late -ErrorAction SilentlyContinue
            'time out'
            Wait-WithTimeout $late[0].TargetObject
            """);
        await Condition.UntilAsync(() => run.Records.Count == 1 && _session.Probe.Running == 1, "it is late and runs on");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(["time out", "late"], run.Output);
    }

    [Theory]
    [InlineData("Wait-WithTimeout { $probe.Pass() } 1h", true)]
    [InlineData("Wait-WithTimeout { $probe.Pass() }, $never -Any", true)]
    [InlineData("Wait-WithTimeout { $probe.Pass() }, $never -FirstError", true)]
    [InlineData("Wait-WithTimeout { Wait-WithTimeout { $probe.Pass() } }", true)]
    [InlineData("Wait-WithTimeout { $probe.Pass() } -KeepRunning", false)]
    [InlineData("Wait-WithTimeout { Wait-WithTimeout { $probe.Pass() } -KeepRunning }", false)]
    public async Task Stopping_it_stops_its_blocks_unless_they_are_shielded(string script, bool stops)
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(script);
        await Condition.UntilAsync(() => probe.Running == 1, "the block runs");

        await run.StopAsync();

        if (stops)
        {
            // It was ended.
            probe.Open();
            ScriptRun next = await _session.RunAsync("1");
            Assert.Equal([1], next.Output);
            Assert.Equal(0, probe.Ended);
        }
        else
        {
            probe.Open();
            await Condition.UntilAsync(() => probe.Ended == 1, "the block ended by itself");
        }
    }

    [Theory]
    [InlineData("Wait-WithTimeout $job, $never")]
    [InlineData("Wait-WithTimeout $job, $never -Any")]
    [InlineData("$job, $never | Wait-WithTimeout -FirstError -Timeout 1h")]
    public async Task Stopping_it_leaves_jobs_alone(string script)
    {
        TestJob job = Sources.Job("mine", JobState.Running);
        _session.Set("job", job);
        ScriptRun run = _session.Start($"$probe.Produce(); {script}");
        await Condition.UntilPausedAsync(() => _session.Probe.Producer, () => _session.Probe.Produced, "it waits");

        await run.StopAsync();

        Assert.Equal(0, job.Stops);
    }

    [Fact]
    public async Task Ended_work_takes_no_other_thread()
    {
        ScriptRun run = await _session.RunAsync(Prelude + """
            $thread = [Threading.Thread]::CurrentThread.ManagedThreadId
            $before = [Threading.ThreadPool]::CompletedWorkItemCount
            $t = $s::Ended(1)
            foreach ($i in 1..5000) { $null = Wait-WithTimeout $t 10 }
            [Threading.ThreadPool]::CompletedWorkItemCount - $before -lt 5000
            """);

        Assert.Equal([true], run.Output);
    }

    [Fact]
    public async Task A_thousand_at_once()
        => Assert.Equal(
            [500500],
            (await _session.RunAsync(
                Prelude
                    + "$n = 0; foreach ($i in Wait-WithTimeout @(foreach ($i in 1..1000) { $s::ValueOf($i) }) 20) { $n "
                    + "+= $i }; $n")).Output);

    [Fact]
    public async Task A_job_that_waits_for_another_gives_its_permit_back_meanwhile()
    {
        using var one = new Throttle(limit: 1);
        _session.Set("one", one);
        ScriptRun run = await _session.RunAsync("""
            $outer = Start-Throttled -Throttle $one {
                $inner = Start-Throttled -Throttle $one { 'inner' }
                Wait-WithTimeout $inner 20
                $one.Available
            }
            Wait-WithTimeout $outer 20
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(["inner", 0], run.Output);
        await Condition.UntilAsync(() => one.Available == 1, "the permit is back");
    }

    [Fact]
    public async Task A_process_is_waited_for_or_ended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It runs sleep.");
        ScriptRun run = await _session.RunAsync("""
            $short = [Diagnostics.Process]::Start('sh', '-c "exit 3"')
            (Wait-WithTimeout $short 20).ExitCode
            $long = [Diagnostics.Process]::Start('sleep', '1000')
            Wait-WithTimeout $long 20ms -KeepRunning -Default late
            $long.HasExited
            Wait-WithTimeout $long 20ms -Default late
            $long.HasExited
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([3, "late", false, "late", true], run.Output);
    }
}
