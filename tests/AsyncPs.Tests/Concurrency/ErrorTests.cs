using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class ErrorTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_throw_becomes_an_error_that_says_what_where_and_which_item()
    {
        ScriptRun run = await _session.RunAsync("""
            1..5 | Invoke-Concurrent {
                "before $_"
                if ($_ -eq 3) {
                    throw 'bad item'
                }
                "after $_"
            }
            """);

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("bad item", error.Exception.Message);
        Assert.Equal("bad item", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.OperationStopped, error.CategoryInfo.Category);
        Assert.Equal(3, error.Target());
        Assert.Equal(4, error.InvocationInfo.ScriptLineNumber);
        Assert.Contains("throw 'bad item'", error.InvocationInfo.Line, StringComparison.Ordinal);
        Assert.Equal(
            ["after 1", "after 2", "after 4", "after 5", "before 1", "before 2", "before 3", "before 4", "before 5"],
            run.Output.Order());
    }

    [Fact]
    public async Task A_thrown_exception_keeps_its_type()
    {
        ScriptRun run = await _session.RunAsync("'a' | Invoke-Concurrent { throw [IO.InvalidDataException]::new('broken') }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.IsType<InvalidDataException>(error.Exception);
        Assert.Equal("a", error.Target());
    }

    [Fact]
    public async Task A_thrown_error_record_keeps_its_id_and_category()
    {
        ScriptRun run = await _session.RunAsync(
            "'a' | Invoke-Concurrent { throw [Management.Automation.ErrorRecord]::new([Exception]::new('m'), 'MyId', 'DeviceError', "
                + "'other') }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("MyId", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.DeviceError, error.CategoryInfo.Category);
        Assert.Equal("a", error.Target());
    }

    [Fact]
    public async Task A_failing_statement_is_an_error_and_the_block_goes_on()
    {
        ScriptRun run = await _session.RunAsync("7 | Invoke-Concurrent {\n$zero = 0\n1 / $zero\n'next' }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("RuntimeException", error.FullyQualifiedErrorId);
        Assert.IsType<DivideByZeroException>(error.Exception.InnerException);
        Assert.Equal(7, error.Target());
        Assert.Equal(3, error.InvocationInfo.ScriptLineNumber);
        Assert.Equal(["next"], run.Output);
    }

    [Fact]
    public async Task An_exception_of_a_method_is_an_error_and_the_block_goes_on()
    {
        ScriptRun run = await _session.RunAsync("'x' | Invoke-Concurrent { [int]::Parse($_); 'next' }");

        Assert.Equal("FormatException", Assert.Single(run.Errors).FullyQualifiedErrorId);
        Assert.Equal(["next"], run.Output);
    }

    [Fact]
    public async Task A_cmdlet_error_made_terminating_keeps_its_id_and_ends_the_item()
    {
        ScriptRun run = await _session.RunAsync(
            "1..2 | Invoke-Concurrent -Ordered { if ($_ -eq 1) { Get-Command no-such-thing -ErrorAction Stop }; \"end $_\" }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(1, error.Target());
        Assert.Equal(["end 2"], run.Output);
    }

    [Fact]
    public async Task A_cmdlet_error_keeps_its_own_target_and_the_item_goes_on()
    {
        ScriptRun run = await _session.RunAsync("1 | Invoke-Concurrent { Get-Command no-such-thing; 'next' }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand", error.FullyQualifiedErrorId);
        Assert.Equal("no-such-thing", error.Target());
        Assert.Equal(["next"], run.Output);
    }

    [Fact]
    public async Task An_unknown_command_is_an_error_of_the_item()
    {
        ScriptRun run = await _session.RunAsync("1..3 | Invoke-Concurrent { No-SuchCommand; $_ }");

        Assert.Equal(3, run.Errors.Count);
        Assert.All(run.Errors, e => Assert.Equal("CommandNotFoundException", e.FullyQualifiedErrorId));
        Assert.Equal([1, 2, 3], run.Output.Order());
    }

    [Theory]
    [InlineData("1 | Invoke-Concurrent { No-SuchCommand }")]
    [InlineData("function No-SuchCommand { }; 1 | Invoke-Concurrent { No-SuchCommand } -NoCapture")]
    [InlineData("1 | Invoke-Concurrent { No-SuchCommand -ErrorAction Stop; $ErrorActionPreference = 'Stop'; No-SuchCommand }")]
    public async Task An_unknown_command_is_named_with_the_way_to_bring_it_in(string script)
    {
        ScriptRun run = await _session.RunAsync(script);

        Assert.All(run.Errors, static e => Assert.Matches("'No-SuchCommand' .* -Function", e.ToString()));
        Assert.NotEmpty(run.Errors);
    }

    [Fact]
    public async Task ErrorActionPreference_Stop_of_the_caller_ends_the_item_and_the_call()
    {
        ErrorRecord error = await _session.FailAsync(
            "$ErrorActionPreference = 'Stop'; 1 | Invoke-Concurrent { 1 / ($_ - 1); $probe.Produce() }");

        Assert.Equal("RuntimeException", error.FullyQualifiedErrorId);
        Assert.Contains("divide by zero", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, _session.Probe.Produced);
    }

    [Fact]
    public async Task A_block_can_catch_its_own_errors()
    {
        ScriptRun run = await _session.RunAsync(
            "1 | Invoke-Concurrent { try { throw 'x' } catch { \"caught $_\" } finally { 'finally' } }");

        Assert.Empty(run.Errors);
        Assert.Equal(["caught x", "finally"], run.Output);
    }

    [Theory]
    [InlineData("return")]
    [InlineData("exit")]
    [InlineData("exit 3")]
    [InlineData("break")]
    [InlineData("continue")]
    [InlineData("break nowhere")]
    [InlineData("continue nowhere")]
    public async Task Flow_control_ends_its_item_only(string statement)
    {
        ScriptRun run = await _session.RunAsync($$"""
            1..200 | Invoke-Concurrent -ThrottleLimit 4 { "before $_"; if ($_ % 2) { {{statement}} }; "after $_" }
            'the script goes on'
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(200, run.Output.Count(o => ((string)o!).StartsWith("before", StringComparison.Ordinal)));
        Assert.Equal(100, run.Output.Count(o => ((string)o!).StartsWith("after", StringComparison.Ordinal)));
        Assert.Equal("the script goes on", run.Output[^1]);
    }

    [Fact]
    public async Task Return_writes_its_value()
    {
        ScriptRun run = await _session.RunAsync("1..3 | Invoke-Concurrent -Ordered { return $_ * 2; 'unreached' }");

        Assert.Equal([2, 4, 6], run.Output);
    }

    [Fact]
    public async Task A_loop_of_the_caller_does_not_see_a_break_in_the_block()
    {
        ScriptRun run = await _session.RunAsync("foreach ($i in 1..3) { 1 | Invoke-Concurrent { break }; $i }");

        Assert.Equal([1, 2, 3], run.Output);
    }

    [Fact]
    public async Task Every_item_can_fail()
    {
        ScriptRun run = await _session.RunAsync("1..2000 | Invoke-Concurrent { throw \"bad $_\" } -ThrottleLimit 8");

        Assert.Equal(Enumerable.Range(1, 2000).Select(i => $"bad {i}").Order(), run.Errors.Select(e => e.Exception.Message).Order());
        Assert.All(run.Errors, e => Assert.Equal($"bad {e.Target()}", e.Exception.Message));
    }

    [Theory]
    [InlineData(
        "1 | Invoke-Concurrent { $probe.Produce() } -ThrottleLimit 0",
        "ParameterArgumentValidationError,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData(
        "1 | Invoke-Concurrent { $probe.Produce() } -ThrottleLimit -1",
        "ParameterArgumentValidationError,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Invoke-Concurrent $null", "ParameterArgumentValidationError,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData(
        "1 | Invoke-Concurrent { $probe.Produce() }, $null",
        "ParameterArgumentValidationError,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Invoke-Concurrent @()", "ParameterArgumentValidationError,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Invoke-Concurrent 'text'", "CannotConvertArgumentNoMessage,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Invoke-Concurrent { $probe.Produce() }, { 2 }", "SeveralBlocksWithInput,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData(
        "Invoke-Concurrent { $probe.Produce() }, { 2 } -InputObject 1",
        "SeveralBlocksWithInput,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("Invoke-Concurrent { $probe.Produce() } -Uri http://localhost", "BlockWithUri,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData(
        "1 | Invoke-Concurrent -Uri http://localhost { $probe.Produce() }",
        "BlockWithUri,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Invoke-Concurrent { $probe.Produce() } -As Json", "BlockWithUri,AsyncPs.Commands.InvokeConcurrentCommand")]
    [InlineData("1 | Start-Throttled { $probe.Produce() } -Uri http://localhost", "BlockWithUri,AsyncPs.Commands.StartThrottledCommand")]
    [InlineData("1 | Invoke-Concurrent { $using:nowhere }", "UsingVariableNotSet,AsyncPs.Commands.InvokeConcurrentCommand")]
    public async Task A_bad_argument_ends_the_command_before_anything_runs(string command, string id)
    {
        ErrorRecord error = await _session.FailAsync($"$ErrorActionPreference = 'Stop'; {command}");

        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.Equal(0, _session.Probe.Produced);
    }

    [Fact]
    public async Task A_missing_block_is_an_error()
    {
        ErrorRecord error = await _session.FailAsync("$ErrorActionPreference = 'Stop'; 1 | Invoke-Concurrent");

        Assert.Equal("NothingToRun,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
    }
}
