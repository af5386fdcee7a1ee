using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class NestingTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Calls_nest_three_deep()
    {
        ScriptRun run = await _session.RunAsync("""
            1..4 | Invoke-Concurrent -ThrottleLimit 4 {
                $a = $_
                1..4 | Invoke-Concurrent -ThrottleLimit 4 {
                    $b = $_
                    $a = $using:a
                    1..4 | Invoke-Concurrent -ThrottleLimit 4 { "$using:a$using:b$_" }
                }
            }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(
            from a in Enumerable.Range(1, 4) from b in Enumerable.Range(1, 4) from c in Enumerable.Range(1, 4) select (object?)$"{a}{b}{c}",
            run.Output.Order());
    }

    [Fact]
    public async Task Nested_calls_do_not_starve_each_other_at_limit_one()
    {
        ScriptRun run = await _session.RunAsync(
            "1 | Invoke-Concurrent -ThrottleLimit 1 { 1 | Invoke-Concurrent -ThrottleLimit 1 { 1 | Invoke-Concurrent -ThrottleLimit 1 { "
                + "'deep' } } }");

        Assert.Equal(["deep"], run.Output);
    }

    [Fact]
    public async Task An_error_in_a_nested_call_reaches_the_outermost_with_its_position()
    {
        ScriptRun run = await _session.RunAsync("1 | Invoke-Concurrent {\n 2 | Invoke-Concurrent {\n throw 'inner' } }");

        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("inner", error.Exception.Message);
        Assert.Equal(2, error.Target());
        Assert.Equal(3, error.InvocationInfo.ScriptLineNumber);
    }

    [Fact]
    public async Task Stopping_reaches_the_innermost_call()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..2 | Invoke-Concurrent -ArgumentList $probe { $p = $args[0]; 1..2 | Invoke-Concurrent { ($using:p).Enter(); "
                + "try { while ($true) { } } finally { ($using:p).Exit() } } }");
        await Condition.UntilAsync(() => probe.Running >= 2, "inner bodies run");

        await run.StopAsync();

        Assert.Equal(0, probe.Running);
        Assert.Equal([1], (await _session.RunAsync("1 | Invoke-Concurrent { $_ }")).Output);
    }

    [Fact]
    public async Task Two_sessions_call_at_the_same_time()
    {
        using ModuleSession other = new();
        using Barrier barrier = new(4);
        _session.Set("barrier", barrier);
        other.Set("barrier", barrier);
        const string Script =
            "1..2 | Invoke-Concurrent -ThrottleLimit 2 { $args[0].SignalAndWait(25000) } -ArgumentList $barrier; "
                + "1..3000 | Invoke-Concurrent { $_ } -Ordered";

        ScriptRun[] runs = await Task.WhenAll(_session.RunAsync(Script), other.RunAsync(Script));

        Assert.All(runs, run =>
        {
            Assert.Equal([true, true], run.Output.Take(2));
            Assert.Equal(Enumerable.Range(1, 3000).Cast<object?>(), run.Output.Skip(2));
        });
    }

    [Fact]
    public async Task Two_calls_in_one_pipeline_pass_objects_on()
    {
        ScriptRun run = await _session.RunAsync("1..3000 | Invoke-Concurrent { $_ } -Ordered | Invoke-Concurrent { $_ * 2 } -Ordered");

        Assert.Equal(Enumerable.Range(1, 3000).Select(i => (object?)(i * 2)), run.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-UseNewRunspace")]
    public async Task Many_sessions_that_start_at_the_same_time_all_get_a_worker(string options)
    {
        ModuleSession[] sessions = [.. Enumerable.Range(0, Environment.ProcessorCount * 6).Select(_ => new ModuleSession())];
        try
        {
            for (int i = 0; i < 5; i++)
            {
                ScriptRun[] runs = await Task.WhenAll(sessions.Select(s => s.RunAsync($"1 | Invoke-Concurrent {{ $_ }} {options}")));

                Assert.All(runs, run => Assert.Equal([1], run.Output));
            }
        }
        finally
        {
            Array.ForEach(sessions, s => s.Dispose());
        }
    }
}
