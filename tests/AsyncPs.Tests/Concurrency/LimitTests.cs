using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

public sealed class LimitTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public async Task The_limit_is_reached_and_never_exceeded(int limit)
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            $"1..1000 | ForEach-Object {{ $probe.Produce(); $_ }} | Invoke-Concurrent {{ $args[0].Pass() }} -ThrottleLimit {limit} "
                + "-ArgumentList $probe");

        await Condition.UntilAsync(() => probe.Running == limit, $"{limit} bodies run");
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the input pauses");
        Assert.Equal(limit, probe.Highest);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(limit, probe.Highest);
        Assert.Equal(1000, probe.Ended);
    }

    [Fact]
    public async Task As_many_items_as_the_limit_all_run_at_once()
    {
        ScriptRun run = await _session.RunAsync("""
            $barrier = [Threading.Barrier]::new(64)
            1..64 | Invoke-Concurrent { $args[0].SignalAndWait(25000) } -ThrottleLimit 64 -ArgumentList $barrier
            """);

        Assert.Equal(64, run.Output.Count);
        Assert.All(run.Output, passed => Assert.Equal(true, passed));
    }

    [Fact]
    public async Task The_default_limit_is_the_number_of_processors_but_at_least_five()
    {
        int expected = Math.Max(5, Environment.ProcessorCount);
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..500 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent { $args[0].Pass() } -ArgumentList $probe");

        await Condition.UntilAsync(() => probe.Running == expected, "that many bodies run");
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the input pauses");
        Assert.Equal(expected, probe.Highest);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(expected, probe.Highest);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public async Task The_input_is_at_most_the_limit_and_the_queue_ahead(int limit)
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            $"1..1000 | ForEach-Object {{ $probe.Produce(); $_ }} | Invoke-Concurrent {{ $args[0].Pass() }} -ThrottleLimit {limit} "
                + "-ArgumentList $probe");

        await Condition.UntilAsync(() => probe.Running == limit, "all workers are busy");
        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the input pauses");
        Assert.InRange(probe.Produced, limit, limit + 64 + 1);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(1000, probe.Produced);
    }

    [Fact]
    public async Task A_block_that_writes_100_000_objects_loses_none()
    {
        ScriptRun run = await _session.RunAsync("1 | Invoke-Concurrent { foreach ($i in 1..100000) { $i } }");

        Assert.Equal(Enumerable.Range(1, 100_000).Cast<object?>(), run.Output);
    }

    [Fact]
    public async Task A_block_pauses_while_nobody_reads_its_output()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("""
            1 | Invoke-Concurrent -ArgumentList $probe { $args[0].Enter(); foreach ($i in 1..100000) { $args[0].Produce(); $i } } |
                ForEach-Object { $probe.Hold(); $_ }
            """);

        await Condition.UntilPausedAsync(() => probe.Runner, () => probe.Produced, "the block pauses");
        // One buffer is being written, one is full, and one record has no room.
        Assert.InRange(probe.Produced, 2, (2 * 512) + 2);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(100_000, run.Records.Count);
    }

    [Fact]
    public async Task The_input_pauses_while_nobody_reads_the_output()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("""
            1..100000 | ForEach-Object { $probe.Produce(); $_ } | Invoke-Concurrent { $_ } -ThrottleLimit 4 |
                ForEach-Object { $probe.Hold(); $_ }
            """);

        await Condition.UntilPausedAsync(() => probe.Producer, () => probe.Produced, "the input pauses");
        Assert.InRange(probe.Produced, 1, (2 * 512) + 4 + 64 + 2);
        probe.Open();
        await run.EndAsync();
        Assert.Equal(100_000, run.Records.Count);
    }

    [Fact]
    public async Task The_input_goes_on_when_silent_items_turn_from_slow_to_short()
    {
        for (int i = 0; i < 5; i++)
        {
            ScriptRun run = await _session.RunAsync(
                "1..3000 | Invoke-Concurrent -ThrottleLimit 1 { if ($_ % 1000 -eq 1) { [Threading.Thread]::Sleep(100) } }");

            Assert.Empty(run.Output);
        }
    }
}
