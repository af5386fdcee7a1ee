using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Resilience;

public sealed class InvokeWithRetryTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Invoke-WithRetry { 1; 2 }", "1 2")]
    [InlineData("Invoke-WithRetry { }", "")]
    [InlineData("Invoke-WithRetry { , (1, 2) } | ForEach-Object { $_.Count }", "2")]
    [InlineData("$x = 1; Invoke-WithRetry { $x = 2 }; $x", "2")]
    [InlineData("$x = 1; Invoke-WithRetry { $x = 2 } -Timeout 20; $x", "2")]
    [InlineData("$n = 0; Invoke-WithRetry { $n++; \"o$n\"; if ($n -lt 3) { throw 'no' } } -RetryDelay 0; $n", "o3 3")]
    [InlineData("$n = 0; Invoke-WithRetry { $n++; \"o$n\"; if ($n -lt 3) { throw 'no' } } -RetryDelay 1ms -Timeout 20; $n", "o3 3")]
    [InlineData("$n = 0; try { Invoke-WithRetry { $n++; throw \"no $n\" } -Count 2 -Delay 1ms } catch { \"$_\" }; $n", "no 3 3")]
    [InlineData("$n = 0; try { Invoke-WithRetry { $n++; throw 'no' } -RetryCount 0 } catch { }; $n", "1")]
    [InlineData("$n = 0; try { Invoke-WithRetry { $n++; throw 'no' } -RetryOn IOException } catch { }; $n", "1")]
    [InlineData(
        "$n = 0; try { Invoke-WithRetry { $n++; throw [IO.IOException]::new() } -RetryOn IOException -Delay 0 } catch { }; $n",
        "4")]
    [InlineData(
        "$n = 0; try { Invoke-WithRetry { $n++; [IO.File]::ReadAllText('/nowhere/x') } -RetryOn ([IO.IOException]) -Count 1 -Delay 0 } "
            + "catch { }; $n",
        "2")]
    [InlineData(
        "$n = 0; try { Invoke-WithRetry { $ErrorActionPreference = 'Stop'; $n++; [IO.File]::ReadAllText('/nowhere/x') } -RetryOn "
            + "([IO.IOException]) -Count 1 -Delay 0 } catch { }; $n",
        "2")]
    [InlineData("$n = 0; try { Invoke-WithRetry { $n++; throw \"no $n\" } -RetryOn { \"$_\" -ne 'no 2' } -Delay 0 } catch { }; $n", "2")]
    [InlineData(
        "$n = 0; try { Invoke-WithRetry { $n++; throw \"no $n\" } -RetryOn IOException, { \"$_\" -ne 'no 2' } -Delay 0 } catch { }; $n",
        "2")]
    [InlineData(
        "$log = ''; try { Invoke-WithRetry { throw 'no' } -Count 2 -Delay 2ms -NoJitter -Backoff Linear -OnRetry { $log += "
            + "\"$($_.Attempt) $($_.Error) $($_.Delay.TotalMilliseconds);\"; 'dropped' } } catch { }; $log",
        "1 no 2;2 no 4;")]
    [InlineData("foreach ($i in 1, 2, 3) { Invoke-WithRetry { if ($i -eq 2) { continue }; $i } }", "1 3")]
    [InlineData("Invoke-WithRetry { 'a'; return 'b'; 'c' }", "a b")]
    [InlineData("foreach ($_ in 7) { Invoke-WithRetry { $_ } }", "7")]
    [InlineData("Invoke-WithRetry { Invoke-WithRetry { 1 } -Timeout 20 } -Timeout 20", "1")]
    [InlineData("$n = 0; try { Invoke-WithRetry { $n++; throw 'no' } -RetryOn TimeoutException -Timeout 20 } catch { \"$_\" }; $n", "no 1")]
    public async Task A_script_gives(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("")]
    [InlineData("-Timeout 20")]
    public async Task The_last_error_is_what_the_block_threw(string parameters)
    {
        ErrorRecord error = await _session.FailAsync($$"""
            $n = 0
            Invoke-WithRetry -RetryDelay 0 -RetryCount 2 {{parameters}} {
                $n++
                throw [IO.IOException]::new("no $n")
            }
            """);

        Assert.IsType<IOException>(error.Exception);
        Assert.Equal("no 3", error.Exception.Message);
        Assert.Equal(4, error.InvocationInfo.ScriptLineNumber);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Timeout 20")]
    public async Task Errors_of_earlier_attempts_are_not_seen_and_what_does_not_end_the_block_is_written(string parameters)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $n = 0
            Invoke-WithRetry -RetryDelay 0 {{parameters}} {
                $n++
                if ($n -lt 3) { throw 'no' }
                $ExecutionContext.InvokeCommand.InvokeScript('1/0')
                "attempt $n"
            }
            """);

        Assert.Contains("zero", Assert.Single(run.Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal(["attempt 3"], run.Output);
    }

    [Fact]
    public async Task A_block_that_takes_too_long_is_stopped_and_its_finally_runs()
    {
        ErrorRecord error = await _session.FailStatementAsync(
            "Invoke-WithRetry { try { while ($true) { } } finally { $probe.Produce() } } -Timeout 2s");

        Assert.Equal("RetryTimeout,AsyncPs.Commands.InvokeWithRetryCommand", error.FullyQualifiedErrorId);
        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Equal(1, _session.Probe.Produced);
        Assert.Equal([5], (await _session.RunAsync("Invoke-WithRetry { 5 }")).Output);
    }

    [Fact]
    public async Task A_delay_that_takes_too_long_is_ended_and_the_error_has_the_last_one()
    {
        ErrorRecord error = await _session.FailStatementAsync(
            "Invoke-WithRetry { throw [IO.IOException]::new('no') } -RetryDelay 1h -Timeout 50ms");

        Assert.Equal("RetryTimeout,AsyncPs.Commands.InvokeWithRetryCommand", error.FullyQualifiedErrorId);
        Assert.IsType<IOException>(error.Exception.InnerException);
    }

    [Fact]
    public async Task The_shortest_of_nested_time_outs_wins()
    {
        ScriptRun run = await _session.RunAsync("""
            Invoke-WithRetry -Timeout 20 { try { Invoke-WithRetry { while ($true) { } } -Timeout 50ms } catch { 'inner' }; 'on' }
            try {
                Invoke-WithRetry -Timeout 50ms { try { Invoke-WithRetry { while ($true) { } } -Timeout 20 } catch { 'inner' } }
            } catch { 'outer' }
            """);

        Assert.Equal(["inner", "on", "outer"], run.Output);
    }

    [Theory]
    [InlineData("while ($true) { }", "")]
    [InlineData("while ($true) { }", "-Timeout 1h")]
    [InlineData("throw 'no'", "-RetryDelay 1h")]
    [InlineData("throw 'no'", "-RetryDelay 1h -Timeout 2h")]
    public async Task Stopping_ends_it_at_once(string body, string parameters)
    {
        ScriptRun run = _session.Start($"Invoke-WithRetry {{ $probe.Enter(); {body} }} {parameters}; 'on'");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");

        await run.StopAsync();

        Assert.Empty(run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task A_circuit_breaker_stops_the_calls()
    {
        ScriptRun run = await _session.RunAsync("""
            $breaker = New-CircuitBreaker -MinimumThroughput 3
            $n = 0
            try {
                Invoke-WithRetry { $n++; throw 'no' } -RetryCount 10 -RetryDelay 0 -CircuitBreaker $breaker
            } catch { $_.FullyQualifiedErrorId }
            $n
            "$($breaker.State)"
            $breaker.Close()
            Invoke-WithRetry { 'yes' } -CircuitBreaker $breaker
            """);

        Assert.Equal(["CircuitOpen,AsyncPs.Commands.InvokeWithRetryCommand", 3, "Open", "yes"], run.Output);
    }

    [Theory]
    [InlineData("Invoke-WithRetry { 1 } -RetryOn NoSuch", "NotAnExceptionTypeName")]
    [InlineData("Invoke-WithRetry { 1 } -RetryOn string", "NotAnExceptionType")]
    [InlineData("Invoke-WithRetry { 1 } -RetryOn { 1 }, { 2 }", "SeveralRetryFilters")]
    [InlineData("Invoke-WithRetry { 1 } -RetryCount -1", "ParameterArgumentValidationError")]
    [InlineData("Invoke-WithRetry { 1 } -RetryDelay x", "ParameterArgumentTransformationError")]
    public async Task Bad_arguments_are_errors(string script, string id)
        => Assert.StartsWith(id + ",", (await _session.FailStatementAsync(script)).FullyQualifiedErrorId, StringComparison.Ordinal);
}
