using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Waiting;

/// <summary>`await` at the prompt and in scripts: it blocks, writes the result, fails as a cmdlet does, and can be stopped.</summary>
public sealed class WaitAsyncCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("await ([Threading.Tasks.Task]::FromResult('x'))", "x")]
    [InlineData("await ([AsyncPs.Tests.Support.Tasks]::Later('x'))", "x")]
    [InlineData("Wait-Async -Task ([AsyncPs.Tests.Support.Tasks]::Later('x'))", "x")]
    [InlineData("await ([AsyncPs.Tests.Support.Tasks]::LaterMany('x', 'y'))", "x y")]
    [InlineData("await ([Threading.Tasks.ValueTask[object]]::new([AsyncPs.Tests.Support.Tasks]::Later('x')))", "x")]
    [InlineData("$null -eq (await ([Threading.Tasks.Task]::Delay(5)))", "True")]
    [InlineData("await ([AsyncPs.Tests.Support.Tasks]::Stream('a', 'b', 'c'))", "a b c")]
    [InlineData("[AsyncPs.Tests.Support.Tasks]::Later('x'), [AsyncPs.Tests.Support.Tasks]::Later('y') | await", "x y")]
    [InlineData("await 5; await 'text'; $null -eq (await $null); (await (1, 2)).Count; '' | await", "5 text True 2 ")]
    [InlineData("await (Start-Throttled { 1; 2 })", "1 2")]
    [InlineData("function F { $r = await ([AsyncPs.Tests.Support.Tasks]::Later('x')); \"got $r\" }; F", "got x")]
    public async Task It_writes_the_result(string script, string expected) => Assert.Equal(expected, await _session.TextAsync(script));

    [Theory]
    [InlineData("await ([Threading.Tasks.Task]::FromException([IO.IOException]::new('broken')))")]
    [InlineData("await ([Threading.Tasks.ValueTask]::FromException([IO.IOException]::new('broken')))")]
    [InlineData("await (Start-Throttled { throw [IO.IOException]::new('broken') })")]
    public async Task A_failure_ends_the_statement_and_is_caught_by_its_own_type(string statement)
    {
        string text = await _session.TextAsync(
            $"try {{ 'before'; {statement}; 'never' }} catch [IO.IOException] {{ \"$($_.Exception.Message) "
                + $"$($_.InvocationInfo.Line.Contains('await'))\" }}");

        Assert.Equal("before broken True", text);
    }

    [Fact]
    public async Task Without_a_catch_the_script_goes_on_behind_the_statement()
    {
        ScriptRun run = await _session.RunAsync("'a'\nawait ([Threading.Tasks.Task]::FromException([IO.IOException]::new('broken')))\n'b'");

        Assert.Equal(["a", "b"], run.Output);
        ErrorRecord error = Assert.Single(run.Errors);
        Assert.IsType<IOException>(error.Exception);
        Assert.Equal("IOException,AsyncPs.Commands.WaitAsyncCommand", error.FullyQualifiedErrorId);
        Assert.Equal(2, error.InvocationInfo.ScriptLineNumber);
    }

    [Fact]
    public async Task The_failure_of_a_job_is_written_once_after_what_came_before_it()
    {
        ScriptRun run = await _session.RunAsync("await (Start-Throttled { 'out'; Get-Command no-such; throw 'last' })");

        Assert.Equal(["out"], run.Output);
        Assert.Equal(["CommandNotFoundException", "last"], run.Errors.Select(static error => error.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public async Task A_job_whose_buffer_is_full_is_received_while_it_runs()
    {
        Assert.Equal(
            "5050",
            await _session.TextAsync("$sum = 0; foreach ($n in await (Start-Throttled { 1..100 } -BufferLimit 3)) { $sum += $n }; $sum"));
    }

    [Theory]
    [InlineData("await ([Threading.Tasks.Task]::Delay(-1)) -Timeout 20ms")]
    [InlineData("await ([AsyncPs.Tests.Support.Tasks]::Never()) 20ms")]
    [InlineData("await (Start-Throttled { [Threading.Thread]::Sleep(-1) }) 20ms")]
    public async Task It_waits_no_longer_than_the_time_out(string statement)
    {
        ErrorRecord error = await _session.FailStatementAsync(statement);

        Assert.IsType<TimeoutException>(error.Exception);
        Assert.Equal("AwaitTimeout,AsyncPs.Commands.WaitAsyncCommand", error.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("await ([Threading.Tasks.Task]::Delay(-1))")]
    [InlineData("await ([AsyncPs.Tests.Support.Tasks]::Never())")]
    [InlineData("await (Start-Throttled { [Threading.Thread]::Sleep(-1) })")]
    public async Task Stopping_the_script_ends_it(string statement)
    {
        ScriptRun run = _session.Start($"'begun'; {statement}; 'never'");
        await Condition.UntilAsync(() => run.Records.Count == 1, "it waits");

        await run.StopAsync();

        Assert.Equal(["begun"], run.Output);
    }
}
