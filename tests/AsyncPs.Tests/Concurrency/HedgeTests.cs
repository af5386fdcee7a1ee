using System.Management.Automation;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-Hedge: a second attempt beside a slow one.</summary>
public sealed class HedgeTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Counter _counter = new();

    public HedgeTests() => _session.Set("counter", _counter);

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Invoke-WithRetry { $counter.HangFirst(0, $probe); 'out 0' } -Hedge 20ms", "out 0", 1)]
    [InlineData(
        "0..3 | Invoke-Concurrent { $counter.HangFirst($_, $probe); \"out $_\" } -Hedge 20ms -Ordered",
        "out 0,out 1,out 2,out 3",
        4)]
    [InlineData("0..1 | Invoke-Concurrent { $counter.HangFirst($_, $probe); \"out $_\" } -Hedge 20ms -ThrottleLimit 1", "out 0,out 1", 2)]
    [InlineData(
        "Invoke-Concurrent { $counter.HangFirst(0, $probe); 'out 0' }, { $counter.HangFirst(1, $probe); 'out 1' } -Hedge 20ms -Ordered",
        "out 0,out 1",
        2)]
    [InlineData(
        "0..3 | Start-Throttled { $counter.HangFirst($_, $probe); \"out $_\" } -Hedge 20ms | Receive-Job -Wait",
        "out 0,out 1,out 2,out 3",
        4)]
    public async Task The_second_attempt_wins_where_the_first_hangs_which_is_stopped(string script, string expected, int hung)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Equal(expected, string.Join(',', run.Output.Order()));
        Assert.Empty(run.Errors);
        await Condition.UntilAsync(() => _session.Probe.Ended == hung, "those that hung were stopped");
        Assert.Equal(0, _session.Probe.Running);
    }

    [Theory]
    [InlineData("Invoke-WithRetry { $null = $counter.Count(0); 'out' } -Hedge 1h")]
    [InlineData("1 | Invoke-Concurrent { $null = $counter.Count(0); 'out' } -Hedge 1h")]
    [InlineData("Start-Throttled { $null = $counter.Count(0); 'out' } -Hedge 1h | Receive-Job -Wait")]
    public async Task What_is_quick_is_run_once(string script)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Equal(["out"], run.Output);
        Assert.Equal(1, _counter.Of(0));
    }

    [Theory]
    [InlineData("$log = Invoke-WithRetry { $n = $counter.Count(0); if ($n -lt 3) { throw \"no $n\" }; "
        + "\"out $n\" } -Hedge 1h -RetryDelay 1ms; $log")]
    [InlineData("1 | Invoke-Concurrent { $n = $counter.Count(0); \"dropped $n\" | ForEach-Object { if ($n -lt 3) { throw \"no $n\" } }; "
        + "\"out $n\" } -Hedge 1h -RetryCount 2 -RetryDelay 1ms")]
    public async Task What_fails_is_tried_again_as_without_it(string script)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.Equal(["out 3"], run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task The_last_error_is_what_the_block_threw_with_its_item_and_its_line()
    {
        ScriptRun run = await _session.RunAsync("""
            7 | Invoke-Concurrent -Hedge 1h {

                throw [IO.IOException]::new('no')
            }
            try {
                Invoke-WithRetry -Hedge 1h -RetryCount 0 {
                    throw [IO.IOException]::new('mine')
                }
            } catch [IO.IOException] { "$_ $($_.InvocationInfo.ScriptLineNumber)" }
            """);

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.IsType<IOException>(error.Exception);
        Assert.Equal((7, 3), (error.Target(), error.InvocationInfo.ScriptLineNumber));
        Assert.Equal(["mine 7"], run.Output);
    }

    [Fact]
    public async Task A_block_sees_its_item_as_without_it()
    {
        ScriptRun run = await _session.RunAsync("""
            $captured = 'c'
            'a', 'b' |
                Invoke-Concurrent -Hedge 1h -Ordered -RetryCount 1 -RetryDelay 1ms {
                    if ($AsyncContext.Attempt -eq 1) { throw 'no' }; "$_ $captured $($AsyncContext.Index) $($AsyncContext.Attempt)"
                }
            Invoke-WithRetry -Hedge 1h { "$captured $more" } -Variable @{ more = 'x' }
            'a' | Invoke-Concurrent -Hedge 1h -AsResult { $_; [Threading.Tasks.Task]::FromResult(5) } |
                ForEach-Object { "$($_.Status) $($_.Attempt) $($_.Output)" }
            """);

        Assert.Equal(["a c 0 2", "b c 1 2", "c x", "Succeeded 1 a 5"], run.Output);
    }

    [Theory]
    [InlineData("Invoke-WithRetry -Hedge 1ms { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } }")]
    [InlineData("1 | Invoke-Concurrent -Hedge 1ms { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } }")]
    public async Task Stopping_stops_both(string script)
    {
        ScriptRun run = _session.Start(script);
        await Condition.UntilAsync(() => _session.Probe.Running == 2, "both run");

        await run.StopAsync();

        await Condition.UntilAsync(() => _session.Probe.Ended == 2, "both are stopped");
        Assert.Equal(2, _session.Probe.Highest);
    }

    [Theory]
    [InlineData(
        "Invoke-WithRetry -Hedge 1ms -Timeout 300ms { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } }",
        "RetryTimeout")]
    [InlineData(
        "1 | Invoke-Concurrent -Hedge 1ms -Timeout 300ms { try { $probe.Enter(); while ($true) { } } finally { $probe.Exit() } }",
        "CallTimedOut")]
    [InlineData(
        "1 | Invoke-Concurrent -Hedge 1ms -ItemTimeout 300ms -ErrorAction Stop { try { $probe.Enter(); "
            + "while ($true) { } } finally { $probe.Exit() } }",
        "ItemTimedOut")]
    public async Task A_time_out_stops_both(string script, string id)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        await Condition.UntilAsync(() => _session.Probe.Running == 0, "both are stopped");
    }

    [Fact]
    public async Task A_job_that_waits_for_another_gives_its_permit_back_as_without_it()
    {
        ScriptRun run = await _session.RunAsync("""
            $one = New-Throttle -Limit 1
            $one
            Start-Throttled -Throttle $one -Hedge 1h { Start-Throttled -Throttle $one { 'inner' } | Receive-Job -Wait } | Receive-Job -Wait
            Start-Throttled -Throttle $one -Hedge 0 { Start-Throttled -Throttle $one { 'inner' } | Receive-Job -Wait } | Receive-Job -Wait
            """);

        Assert.Equal(["inner", "inner"], run.Output.Skip(1));

        // The attempt that has lost is still ending.
        var one = Assert.IsType<Throttle>(run.Output[0]);
        await Condition.UntilAsync(() => one.Available == 1, "the permit is back");
    }

    [Fact]
    public async Task A_failing_initialization_ends_the_call()
        => Assert.StartsWith(
            "InitializationFailed,",
            (await _session.FailStatementAsync(
                "1..3 | Invoke-Concurrent { $_ } -Hedge 1 -InitializationScript { throw 'no' }")).FullyQualifiedErrorId,
            StringComparison.Ordinal);

    /// <summary>Counts calls by key, and hangs the first of each. Public for the scripts.</summary>
    public sealed class Counter
    {
        private readonly int[] _counts = new int[8];

        public int Of(int key) => Volatile.Read(ref _counts[key]);

        public int Count(int key) => Interlocked.Increment(ref _counts[key]);

        public void HangFirst(int key, Probe probe)
        {
            if (Count(key) > 1)
            {
                return;
            }

            probe.Enter();
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            finally
            {
                probe.Exit();
            }
        }
    }
}
