using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-OnRetry, -MaxDelay, -NoJitter and -CircuitBreaker, which the cmdlets that run items share with Invoke-WithRetry.</summary>
public sealed class RetryFamilyTests : IDisposable
{
    private const string Log = "$log = [Collections.Concurrent.ConcurrentQueue[string]]::new();";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("1 | Invoke-Concurrent { throw \"no $($AsyncContext.Attempt)\" } {0} -ErrorAction Ignore")]
    [InlineData("$j = 1 | Start-Throttled { throw \"no $($AsyncContext.Attempt)\" } {0}; $null = $j | Wait-Job")]
    [InlineData("Invoke-Concurrent { throw \"no $($AsyncContext.Attempt)\" } {0} -Hedge 1h -ErrorAction Ignore")]
    public async Task OnRetry_is_told_before_each_delay(string command)
    {
        ScriptRun run = await _session.RunAsync(
            Log
                + command.Replace(
                    "{0}",
                    "-RetryCount 3 -RetryDelay 4ms -RetryBackoff Exponential -MaxDelay 8ms -NoJitter -OnRetry { "
                        + "$log.Enqueue(\"$($_.Attempt) $($_.Error) $($_.Delay.TotalMilliseconds)\"); 'dropped' }",
                    StringComparison.Ordinal)
                + "; $log");

        Assert.Equal(["1 no 1 4", "2 no 2 8", "3 no 3 8"], run.Output);
    }

    [Fact]
    public async Task The_error_that_OnRetry_is_told_has_the_item_as_its_target()
    {
        ScriptRun run = await _session.RunAsync(
            Log
                + "7, 8 | Invoke-Concurrent -Ordered { if ($AsyncContext.Attempt -eq 1) { throw 'no' }; "
                + "$_ } -RetryCount 1 -RetryDelay 1ms -OnRetry { $log.Enqueue(\"$($_.Error.TargetObject)\") }; $log.ToArray()");

        Assert.Equal([7, 8], run.Output.Take(2));
        Assert.Equal(["7", "8"], run.Output.Skip(2).Order());
    }

    [Theory]
    [InlineData(
        "1 | Invoke-Concurrent { throw 'no' } -RetryCount 2 -RetryDelay 1ms -OnRetry { throw 'told' } -AsResult | ForEach-Object { "
            + "\"$($_.Status) $($_.Attempt) $($_.Error)\" }",
        "Failed 1 no told")]
    [InlineData(
        "$j = Start-Throttled { throw 'no' } -RetryCount 2 -RetryDelay 1ms -OnRetry { throw 'told' }; $null = $j | Wait-Job; "
            + "\"$($j.State)\"",
        "Failed")]
    public async Task What_fails_in_OnRetry_fails_the_item(string script, string expected)
        => Assert.Equal([expected], (await _session.RunAsync(script)).Output);

    [Fact]
    public async Task A_circuit_breaker_lets_items_fail_at_once_after_enough_have_failed()
    {
        ScriptRun run = await _session.RunAsync("""
            $breaker = New-CircuitBreaker -MinimumThroughput 4
            1..10 | Invoke-Concurrent -ThrottleLimit 1 -AsResult -CircuitBreaker $breaker { throw 'no' } |
                ForEach-Object { "$($_.Attempt) $($_.Error[0].FullyQualifiedErrorId) $($_.Error[0].TargetObject)" }
            "$($breaker.State)"
            "$($breaker.LastError)"
            """);

        Assert.Equal(
            [.. Enumerable
                .Range(1, 4)
                .Select(static i => $"1 no {i}"), .. Enumerable.Range(5, 6).Select(static i => $"0 CircuitOpen {i}"), "Open", "no"],
            run.Output);
    }

    [Fact]
    public async Task What_RetryOn_does_not_name_does_not_count()
    {
        ScriptRun run = await _session.RunAsync("""
            $breaker = New-CircuitBreaker -MinimumThroughput 2
            1..5 | Invoke-Concurrent -CircuitBreaker $breaker -RetryOn IOException { throw 'no' } -ErrorAction Ignore
            1..5 | Invoke-Concurrent -CircuitBreaker $breaker -RetryOn { "$_" -eq 'x' } { throw 'no' } -ErrorAction Ignore
            "$($breaker.State)"
            $breaker = New-CircuitBreaker -MinimumThroughput 2
            1..5 | Invoke-Concurrent -CircuitBreaker $breaker -RetryOn { "$_" -eq 'no' } { throw 'no' } -ErrorAction Ignore
            "$($breaker.State)"
            """);

        Assert.Equal(["Closed", "Open"], run.Output);
    }

    [Fact]
    public async Task A_circuit_breaker_ends_the_retries_and_is_shared_by_items_jobs_and_blocks()
    {
        ScriptRun run = await _session.RunAsync("""
            $breaker = New-CircuitBreaker -MinimumThroughput 3
            1 | Invoke-Concurrent -AsResult -CircuitBreaker $breaker -RetryCount 10 -RetryDelay 0 { throw 'no' } |
                ForEach-Object { "$($_.Attempt) $($_.Error[0].FullyQualifiedErrorId)" }
            $job = Start-Throttled { 'never' } -CircuitBreaker $breaker; $null = $job | Wait-Job
            "$($job.State) $($job.JobStateInfo.Reason.GetType().Name)"
            try { Invoke-WithRetry { 'never' } -CircuitBreaker $breaker } catch { $_.FullyQualifiedErrorId }
            $breaker.Close()
            1..3 | Invoke-Concurrent { $_ } -CircuitBreaker $breaker -Ordered
            $job = Start-Throttled { 'yes' } -CircuitBreaker $breaker; $job | Receive-Job -Wait
            """);

        Assert.Equal(
            ["3 CircuitOpen", "Failed CircuitOpenException", "CircuitOpen,AsyncPs.Commands.InvokeWithRetryCommand", 1, 2, 3, "yes"],
            run.Output);
    }

    [Fact]
    public async Task One_item_shows_how_it_goes_after_the_break_and_the_others_fail_at_once()
    {
        ScriptRun run = await _session.RunAsync("""
            $breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 500ms
            1..2 | Invoke-Concurrent -CircuitBreaker $breaker { throw 'no' } -ErrorAction Ignore
            while ($breaker.State -eq 'Open') { [Threading.Thread]::Sleep(5) }
            $results = 1..4 |
                Invoke-Concurrent -ThrottleLimit 4 -AsResult -CircuitBreaker $breaker { $probe.Enter(); [Threading.Tasks.Task]::Delay(1) }
            ($results | ForEach-Object { "$($_.Status)" }) -contains 'Succeeded'
            "$($breaker.State)"
            """);

        Assert.Equal([true, "Closed"], run.Output);
    }

    [Fact]
    public async Task A_stopped_probe_does_not_keep_the_circuit_breaker_half_open()
    {
        await _session.RunAsync("""
            $global:breaker = New-CircuitBreaker -MinimumThroughput 2 -BreakTime 500ms
            1..2 | Invoke-Concurrent -CircuitBreaker $breaker { throw 'no' } -ErrorAction Ignore
            while ($breaker.State -eq 'Open') { [Threading.Thread]::Sleep(5) }
            """);
        ScriptRun run = _session.Start("1 | Invoke-Concurrent -CircuitBreaker $breaker { $probe.Enter(); while ($true) { } }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the probe runs");

        await run.StopAsync();

        ScriptRun after = await _session.RunAsync(
            "while ($breaker.State -ne 'HalfOpen') { [Threading.Thread]::Sleep(5) }; 1 | Invoke-Concurrent { 'well' } -CircuitBreaker "
                + "$breaker");
        Assert.Equal(["well"], after.Output);
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent { 1 } -OnRetry { 1 }", "ParameterNeedsAnother")]
    [InlineData("1 | Invoke-Concurrent { 1 } -MaxDelay 1", "ParameterNeedsAnother")]
    [InlineData("1 | Start-Throttled { 1 } -NoJitter", "ParameterNeedsAnother")]
    [InlineData("1 | Invoke-Concurrent { 1 } -CircuitBreaker $null -RetryOn IOException", "ParameterArgumentValidationError")]
    [InlineData("1 | Invoke-Concurrent { 1 } -RetryOn IOException", "ParameterNeedsAnother")]
    [InlineData("1 | Invoke-Concurrent { 1 } -Hedge Infinite", "ParameterArgumentTransformationError")]
    [InlineData("Invoke-Concurrent -Uri http://localhost -Hedge 1 -OutDirectory .", "HttpArgumentInvalid")]
    [InlineData("Invoke-WithRetry { 1 } -Variable @{ a = 1 }", "ParameterNeedsAnother")]
    public async Task Bad_arguments_are_errors(string script, string id)
        => Assert.StartsWith(id + ",", (await _session.FailStatementAsync(script)).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public async Task What_the_breaker_refuses_waits_for_no_permit()
    {
        ScriptRun run = await _session.RunAsync("""
            $one = New-Throttle 1
            $breaker = New-CircuitBreaker
            $breaker.Isolate()
            Use-Throttle $one { 1..3 | Invoke-Concurrent { 'ran' } -Throttle $one -CircuitBreaker $breaker -AsResult } |
                ForEach-Object { "$($_.Error[0].FullyQualifiedErrorId)" }
            $one.Available
            """);

        Assert.Equal(["CircuitOpen", "CircuitOpen", "CircuitOpen", 1], run.Output);
    }

    [Fact]
    public async Task A_job_that_the_breaker_refuses_waits_for_no_permit()
    {
        ScriptRun run = await _session.RunAsync("""
            $one = New-Throttle 1
            $breaker = New-CircuitBreaker
            $breaker.Isolate()
            Use-Throttle $one {
                $jobs = 1..3 | Start-Throttled { 'ran' } -Throttle $one -CircuitBreaker $breaker
                $null = $jobs | Wait-Job
                $jobs.JobStateInfo | ForEach-Object { "$($_.State) $($_.Reason.GetType().Name)" }
            }
            $one.Available
            """);

        Assert.Equal(["Failed CircuitOpenException", "Failed CircuitOpenException", "Failed CircuitOpenException", 1], run.Output);
    }
}
