using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-BatchSize: several input objects form one item.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(10, 4, "1,2,3,4|5,6,7,8|9,10")]
    [InlineData(8, 4, "1,2,3,4|5,6,7,8")]
    [InlineData(3, 4, "1,2,3")]
    [InlineData(2, 1, "1|2")]
    public async Task The_block_gets_up_to_so_many_objects_in_order(int count, int size, string expected)
    {
        ScriptRun run = await _session.RunAsync($"1..{count} | Invoke-Concurrent -BatchSize {size} -Ordered {{ $_ -join ',' }}");

        Assert.Equal(expected.Split('|'), run.Output);
    }

    [Fact]
    public async Task No_input_runs_nothing()
    {
        ScriptRun run = await _session.RunAsync("@() | Invoke-Concurrent -BatchSize 3 { 1 }");

        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_partial_batch_leaves_after_its_delay_while_the_input_waits()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "& { 1; 2; $probe.Hold(); 3 } | Invoke-Concurrent -BatchSize 10 -BatchDelay 20ms -Ordered -Args $probe { $args[0].Enter(); "
                + "$_ -join ',' }");

        await Condition.UntilAsync(() => probe.Running == 1, "the first two have left");
        probe.Open();
        await run.EndAsync();

        Assert.Equal(["1,2", "3"], run.Output);
    }

    [Fact]
    public async Task A_failing_batch_is_the_target_of_its_error()
    {
        ScriptRun run = await _session.RunAsync("1..3 | Invoke-Concurrent -BatchSize 3 { throw 'bad' }");

        Assert.Equal([1, 2, 3], ((object[])Assert.Single(run.Errors).TargetObject).Select(static o => ((PSObject)o).BaseObject));
    }

    [Fact]
    public async Task A_delay_without_a_size_is_an_error()
    {
        ErrorRecord error = await _session.FailStatementAsync("1 | Invoke-Concurrent -BatchDelay 1 { 1 }");

        Assert.Equal("ParameterNeedsAnother,AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
    }
}
