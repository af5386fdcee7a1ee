using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-Timeout and -ItemTimeout, against each kind of body that blocks.</summary>
[Collection(nameof(SerialTests))]
public sealed class TimeoutTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("while ($true) { }")]
    [InlineData("[Threading.Thread]::Sleep(-1)")]
    [InlineData("$args[0].Hold()")]
    [InlineData("[Threading.Tasks.TaskCompletionSource]::new().Task")]
    [InlineData("try { [Threading.Thread]::Sleep(-1) } catch { while ($true) { } }")]
    public async Task An_item_that_takes_too_long_is_stopped_and_the_others_go_on(string body)
    {
        for (int i = 0; i < 20; i++)
        {
            _session.NewProbe();
            ScriptRun run = await RunInTimeAsync(
                time => $$"""
                    1..12 | Invoke-Concurrent -ItemTimeout {{time}} -ThrottleLimit 3 -Args $probe {
                        if ($_ % 4 -eq 0) { {{body}} } else { $args[0].Enter(); $args[0].Exit(); $_ }
                    }
                    """,
                quickItems: 9);

            Assert.Equal([1, 2, 3, 5, 6, 7, 9, 10, 11], run.Output.Order());
            Assert.Equal([4, 8, 12], run.Errors.Select(static e => e.Target()).Order());
            Assert.All(run.Errors, static e => Assert.IsType<TimeoutException>(e.Exception));
            Assert.All(
                run.Errors,
                static e => Assert.Equal("ItemTimedOut,AsyncPs.Commands.InvokeConcurrentCommand", e.FullyQualifiedErrorId));
        }

        // The limit is still what it was.
        Probe after = _session.NewProbe();
        ScriptRun held = _session.Start("1..20 | Invoke-Concurrent { $args[0].Pass() } -ThrottleLimit 3 -Args $probe");
        await Condition.UntilAsync(() => after.Running == 3, "the limit is reached");
        after.Open();
        await held.EndAsync();
        Assert.Equal(3, after.Highest);
    }

    [Fact]
    public async Task A_native_command_that_takes_too_long_is_stopped()
    {
        Assert.SkipUnless(File.Exists("/bin/sleep"), "There is no sleep command.");
        ScriptRun run = await RunInTimeAsync(
            static time => $$"""1..4 | Invoke-Concurrent -ItemTimeout {{time}} { if ($_ -eq 2) { /bin/sleep 1000 } else { $_ } }""",
            quickItems: 3);

        Assert.Equal([1, 3, 4], run.Output.Order());
        Assert.Equal(2, Assert.Single(run.Errors).Target());
    }

    [Fact]
    public async Task The_time_of_an_item_counts_from_its_start()
    {
        ScriptRun run = await _session.RunAsync(
            "1..40 | Invoke-Concurrent -ItemTimeout 2s -ThrottleLimit 1 { [Threading.Thread]::Sleep(60); $_ }");

        Assert.Empty(run.Errors);
        Assert.Equal(40, run.Output.Count);
    }

    [Fact]
    public async Task The_time_of_the_call_ends_it_with_one_error_that_counts()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "try { 1..10 | Invoke-Concurrent -Timeout 3s -ThrottleLimit 2 -Args $probe { if ($_ -le 3) { $_ } else { $args[0].Enter(); "
                + "while ($true) { } } } } catch { throw }");
        RuntimeException error = await Assert.ThrowsAnyAsync<RuntimeException>(() => run.EndAsync());

        Assert.Equal("CallTimedOut,AsyncPs.Commands.InvokeConcurrentCommand", error.ErrorRecord.FullyQualifiedErrorId);
        Assert.IsType<TimeoutException>(error.ErrorRecord.Exception);
        Assert.Contains("3 of its items had finished, 2 were running and 5 had not started", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], run.Output.Order());
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task One_item_was_running_and_two_were()
    {
        ErrorRecord error = await _session.FailStatementAsync("1 | Invoke-Concurrent -Timeout 50ms { while ($true) { } }");

        Assert.Contains(
            "0 of its items had finished, 1 was running and 0 had not started",
            error.Exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_the_context_is_canceled_when_the_time_is_over()
    {
        ScriptRun run = await _session.RunAsync(
            "1 | Invoke-Concurrent -AsResult -ItemTimeout 50ms { [Threading.Tasks.Task]::Delay(-1, "
                + "$AsyncContext.CancellationToken) } | ForEach-Object { \"$($_.Status)\" }");

        Assert.Equal(["TimedOut"], run.Output);
    }

    [Fact]
    public async Task A_task_that_is_canceled_just_when_the_time_is_over_has_timed_out()
    {
        ScriptRun run = await _session.RunAsync(
            "1..2000 | Invoke-Concurrent -AsResult -ThrottleLimit 50 -ItemTimeout 20ms { [Threading.Tasks.Task]::Delay(-1, "
                + "$AsyncContext.CancellationToken) } | ForEach-Object { \"$($_.Status) $($_.Error)\" }");

        Assert.Equal(["TimedOut The item was stopped because it took longer than 20 ms (-ItemTimeout)."], run.Output.Distinct());
    }

    [Theory]
    [InlineData("[Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait()")]
    [InlineData("$AsyncContext.CancellationToken.WaitHandle.WaitOne() > $null; "
        + "$AsyncContext.CancellationToken.ThrowIfCancellationRequested()")]
    [InlineData("$ErrorActionPreference = 'Stop'; [Threading.Tasks.Task]::Delay(-1, $AsyncContext.CancellationToken).Wait()")]
    public async Task A_block_that_its_token_wakes_writes_nothing_more(string block)
    {
        ScriptRun run = await _session.RunAsync(
            $"1..100 | Invoke-Concurrent -AsResult -ThrottleLimit 4 -ItemTimeout 20ms {{ {block}; "
                + $"'after' }} | ForEach-Object {{ \"$($_.Status) $($_.Output) $($_.Error)\" }}");

        Assert.Equal(["TimedOut  The item was stopped because it took longer than 20 ms (-ItemTimeout)."], run.Output.Distinct());
    }

    [Fact]
    public async Task A_task_that_fails_with_a_TimeoutException_of_its_own_has_failed()
    {
        var source = new TaskCompletionSource();
        _session.Set("task", source.Task);
        ScriptRun run = _session.Start(
            "1 | Invoke-Concurrent -AsResult -ItemTimeout 60s -Args $probe, $task { $args[1]; "
                + "$args[0].Enter() } | ForEach-Object { \"$($_.Status) $($_.Error)\" }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block has run");
        source.SetException(new TimeoutException("mine"));
        await run.EndAsync();

        Assert.Equal(["Failed mine"], run.Output);
    }

    [Theory]
    [InlineData("-ItemTimeout nonsense")]
    [InlineData("-ItemTimeout 0")]
    [InlineData("-Timeout -5")]
    public async Task A_bad_duration_is_an_error_that_names_the_parameter(string arguments)
    {
        ErrorRecord error = await _session.FailAsync(
            $"$ErrorActionPreference = 'Stop'; 1 | Invoke-Concurrent {{ $probe.Produce() }} {arguments}");

        Assert.Contains(arguments.Split(' ')[0].TrimStart('-'), error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_many_time_outs_nothing_is_left_behind()
    {
        for (int i = 0; i < 5; i++)
        {
            await _session.RunAsync("1..8 | Invoke-Concurrent -ItemTimeout 20ms -ThrottleLimit 4 { [Threading.Thread]::Sleep(-1) }");
        }

        int threads = Counters.WorkerThreads;
        for (int i = 0; i < 20; i++)
        {
            ScriptRun run = await _session.RunAsync(
                "1..8 | Invoke-Concurrent -ItemTimeout 20ms -ThrottleLimit 4 { [Threading.Thread]::Sleep(-1) }");
            Assert.Equal(8, run.Errors.Count);
        }

        await Condition.UntilAsync(() => Counters.WorkerThreads <= threads + 4, "no more workers than before");
    }

    // A quick item is as slow as the machine is busy. Then all have more time, until it is more than any machine needs.
    private async Task<ScriptRun> RunInTimeAsync(Func<string, string> script, int quickItems)
    {
        for (int milliseconds = 50; ; milliseconds *= 4)
        {
            ScriptRun run = await _session.RunAsync(script($"{milliseconds}ms"));
            if (run.Output.Count == quickItems || milliseconds > 5000)
            {
                return run;
            }
        }
    }
}
