using System.Globalization;
using System.Management.Automation;
using AsyncPs.Tests.Support;
using AsyncPs.Throttling;
using Xunit;

namespace AsyncPs.Tests.Throttling;

public sealed class ThrottleCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Throttle _throttle = new(limit: 1);

    public ThrottleCommandTests() => _session.Set("t", _throttle);

    public void Dispose()
    {
        _session.Dispose();
        _throttle.Dispose();
    }

    [Theory]
    [InlineData("New-Throttle 3", "3 - -")]
    [InlineData("New-Throttle -PerSecond 0.5", "- 0.5 1")]
    [InlineData("New-Throttle -PerSecond 50 -Limit 10", "10 50 5")]
    [InlineData("New-Throttle -PerSecond 50 -Burst 7", "- 50 7")]
    [InlineData("New-Throttle -Permits 30 -Per 1m", "- 0.5 1")]
    [InlineData("New-Throttle -Permits 30 -Per 500ms -Burst 2 -Limit 4", "4 60 2")]
    public async Task A_throttle_is_what_was_asked_for(string script, string expected)
    {
        ScriptRun run = await _session.RunAsync(script);
        Throttle throttle = Assert.IsType<Throttle>(Assert.Single(run.Output));

        object?[] values = [throttle.Limit, throttle.PerSecond, throttle.Burst];
        Assert.Equal(
            expected,
            string.Join(' ', values.Select(static value => value is null ? "-" : Convert.ToString(value, CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("New-Throttle 0", "ParameterArgumentValidationError,AsyncPs.Commands.NewThrottleCommand")]
    [InlineData("New-Throttle -PerSecond 0", "RateOutOfRange,AsyncPs.Commands.NewThrottleCommand")]
    [InlineData("New-Throttle -PerSecond ([double]::NaN)", "RateOutOfRange,AsyncPs.Commands.NewThrottleCommand")]
    [InlineData("New-Throttle -Permits 1 -Per 0", "ParameterArgumentTransformationError,AsyncPs.Commands.NewThrottleCommand")]
    [InlineData("New-Throttle 1 -Burst 2", "AmbiguousParameterSet,AsyncPs.Commands.NewThrottleCommand")]
    public async Task Bad_arguments_are_errors(string script, string id)
        => Assert.Equal(id, (await _session.FailStatementAsync(script)).FullyQualifiedErrorId);

    [Theory]
    [InlineData("1 | Invoke-Concurrent { $_ } -Throttle 5")]
    [InlineData("Invoke-Concurrent { 1 } -Throttle '5'")]
    [InlineData("Start-Throttled { 1 } -Throttle 5")]
    [InlineData("Use-Throttle -Throttle 5 { 1 }")]
    public async Task A_number_is_no_throttle(string script)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.StartsWith("ParameterArgumentTransformationError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'5' is not a throttle. Make one with New-Throttle", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-ThrottleLimit", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent { $_ } -TimeoutSeconds soon")]
    [InlineData("Start-Throttled { 1 } -TimeoutSeconds soon")]
    public async Task Time_outs_have_the_name_that_ForEach_Object_gives_them(string script)
        => Assert.StartsWith(
            "ParameterArgumentTransformationError,",
            (await _session.FailStatementAsync(script)).FullyQualifiedErrorId,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("$x = 1; Use-Throttle $t { $x = 2 }; $x", "2")]
    [InlineData("Use-Throttle $t { $t.Available }; $t.Available", "0 1")]
    [InlineData("Use-Throttle $t { 'a'; return 'b'; 'c' }; $t.Available", "a b 1")]
    [InlineData("try { Use-Throttle $t { 'a'; throw 'no' } } catch { \"$_\" }; $t.Available", "a no 1")]
    [InlineData("foreach ($i in 1, 2, 3) { Use-Throttle $t { if ($i -eq 2) { continue }; $i } }; $t.Available", "1 3 1")]
    [InlineData("foreach ($i in 1, 2, 3) { Use-Throttle $t { if ($i -eq 2) { break }; $i } }; $t.Available", "1 1")]
    [InlineData("foreach ($i in 1, 2) { $i | Use-Throttle $t { $_ * 2 } }; $t.Available", "2 4 1")]
    [InlineData("1, $null, 3 | Use-Throttle $t { \"[$_]$($t.Available)\" }", "[1]0 []0 [3]0")]
    [InlineData("1..3 | ForEach-Object { Use-Throttle $t { $_ } }", "1 2 3")]
    [InlineData("do { 1, 2, 3 | Use-Throttle $t { $_ } | ForEach-Object { $_; break } } while ($false); $t.Available", "1 1")]
    [InlineData("function f { param($a) Use-Throttle $t { $a; $args.Count } }; f 5", "5 0")]
    public async Task A_block_runs_in_the_callers_scope_and_its_permit_comes_back(string script, string expected)
        => Assert.Equal(expected, await _session.TextAsync(script));

    [Fact]
    public async Task Statement_errors_stay_where_they_were_made_and_the_block_goes_on()
    {
        ScriptRun run = await _session.RunAsync("Use-Throttle $t { 1 / 0\n'on' }; $t.Available");

        Assert.Equal(["on", 1], run.Output);
        Assert.Equal(1, Assert.Single(run.Errors).InvocationInfo.ScriptLineNumber);
    }

    [Fact]
    public async Task Output_is_live()
    {
        ScriptRun run = _session.Start("Use-Throttle $t { 'first'; $probe.Hold(); 'second' }");
        await Condition.UntilAsync(() => run.Records.Count == 1, "the first object is there");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.Equal(["first", "second"], run.Output);
    }

    [Fact]
    public async Task Stopping_gives_the_permit_back()
    {
        ScriptRun run = _session.Start("Use-Throttle $t { $probe.Enter(); while ($true) { } }");
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "the block runs");
        Assert.Equal(0, _throttle.Available);

        await run.StopAsync();

        Assert.Equal(1, _throttle.Available);
    }

    [Fact]
    public async Task Stopping_who_waits_takes_him_out_of_the_line()
    {
        ThrottleLease held = await _throttle.AcquireAsync(TestContext.Current.CancellationToken);
        ScriptRun run = _session.Start("Use-Throttle $t { 'never' }");
        await Condition.UntilAsync(() => _throttle.Waiting == 1, "the command waits");

        await run.StopAsync();

        Assert.Equal(0, _throttle.Waiting);
        held.Dispose();
        Assert.Equal(1, _throttle.Available);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Who_waits_too_long_gets_an_error_and_no_permit()
    {
        ThrottleLease held = await _throttle.AcquireAsync(TestContext.Current.CancellationToken);
        ErrorRecord error = await _session.FailStatementAsync("Use-Throttle $t { 'never' } -Timeout 20ms");

        Assert.Equal("ThrottleTimeout,AsyncPs.Commands.UseThrottleCommand", error.FullyQualifiedErrorId);
        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Equal(0, _throttle.Waiting);
        held.Dispose();
        Assert.Equal(["now"], (await _session.RunAsync("Use-Throttle $t { 'now' } -Timeout 0")).Output);
    }

    [Fact]
    public async Task Disposing_ends_who_waits_with_an_error()
    {
        await _throttle.AcquireAsync(TestContext.Current.CancellationToken);
        ScriptRun run = _session.Start("try { Use-Throttle $t { 'never' } } catch { $_.FullyQualifiedErrorId }");
        await Condition.UntilAsync(() => _throttle.Waiting == 1, "the command waits");

        _throttle.Dispose();
        await run.EndAsync();

        Assert.Equal(["ThrottleDisposed,AsyncPs.Commands.UseThrottleCommand"], run.Output);
    }

    [Fact]
    public async Task Workers_share_a_throttle()
    {
        ScriptRun run = await _session.RunAsync("""
            $two = New-Throttle 2
            1..40 | Invoke-Concurrent -ThrottleLimit 8 -ArgumentList $probe, $two {
                param($probe, $two)
                Use-Throttle $two { $probe.Enter(); [Threading.Thread]::Sleep(1); $probe.Exit(); $_ }
            }
            $two.Available
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(41, run.Output.Count);
        Assert.InRange(_session.Probe.Highest, 1, 2);
        Assert.Equal(2, run.Output[^1]);
    }
}
