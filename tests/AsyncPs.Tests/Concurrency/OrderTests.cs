using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class OrderTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Results_leave_as_they_complete()
    {
        ScriptRun run = _session.Start(
            "1..3 | Invoke-Concurrent { if ($_ -eq 1) { $args[0].Hold() }; $_ } -ThrottleLimit 2 -ArgumentList $probe");

        await Condition.UntilAsync(() => run.Records.Count == 2, "the items behind the slow one are written");
        Assert.Equal([2, 3], run.Output);
        _session.Probe.Open();
        await run.EndAsync();
        Assert.Equal([2, 3, 1], run.Output);
    }

    [Fact]
    public async Task Ordered_holds_later_results_back()
    {
        ScriptRun run = _session.Start(
            "1..3 | Invoke-Concurrent { if ($_ -eq 1) { $args[0].Pass() } else { $args[0].Exit() }; "
                + "$_ } -ThrottleLimit 2 -Ordered -ArgumentList $probe");

        await Condition.UntilAsync(() => _session.Probe.Ended == 2, "the items behind the slow one have run");
        Assert.Empty(run.Output);
        _session.Probe.Open();
        await run.EndAsync();
        Assert.Equal([1, 2, 3], run.Output);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public async Task Ordered_keeps_the_input_order_of_thousands_of_items_of_random_duration(int limit)
    {
        ScriptRun run = await _session.RunAsync($$"""
            1..5000 | Invoke-Concurrent -Ordered -ThrottleLimit {{limit}} {
                $random = [Random]::Shared.Next(0, 4000)
                if ($random -lt 20) { [Threading.Thread]::Sleep(1) } else { [Threading.Thread]::SpinWait($random) }
                $_
            }
            """);

        Assert.Equal(Enumerable.Range(1, 5000).Cast<object?>(), run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Ordered_keeps_all_records_of_an_item_together()
    {
        ScriptRun run = await _session.RunAsync(
            "1..300 | Invoke-Concurrent -Ordered -ThrottleLimit 8 { foreach ($i in 1..20) { $_ * 100 + $i } }");

        Assert.Equal(Enumerable.Range(1, 300).SelectMany(n => Enumerable.Range(1, 20).Select(i => (object?)((n * 100) + i))), run.Output);
    }

    [Theory]
    [InlineData("$_")]
    [InlineData("")]
    [InlineData("foreach ($i in 1..100) { $i }")]
    public async Task Ordered_behind_a_slow_head_takes_a_bounded_part_of_the_input(string body)
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start($$"""
            1..20000 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent -Ordered -ThrottleLimit 4 -ArgumentList $probe {
                if ($_ -eq 1) { $args[0].Hold() }
                {{body}}
            }
            """);

        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the input pauses");
        // The reorder window (4096 records), two output buffers (512), and items that run and wait.
        Assert.InRange(probe.Produced, 4, 4096 + 1024 + 4 + 64 + 2);
        Assert.Empty(run.Output);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(20000, probe.Produced);
    }
}
