using System.Management.Automation;
using AsyncPs.Concurrency.Measuring;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-Statistics.</summary>
public sealed class StatisticsTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Items_are_counted_and_timed()
    {
        ConcurrentStatistics statistics = await MeasureAsync(
            "1..20 | Invoke-Concurrent -Statistics s -RetryCount 1 -RetryDelay 1ms { "
                + "if ($_ -le 3) { throw 'x' }; Start-Sleep -Milliseconds 20 }",
            failures: true);

        Assert.Equal((20, 3, 3), (statistics.Count, statistics.Failed, statistics.Retried));
        Assert.Equal("Invoke-Concurrent", statistics.Command);
        Assert.True(statistics.IsCompleted);
        Assert.InRange(statistics.P50.TotalMilliseconds, 19, 5000);
        Assert.True(statistics.P50 <= statistics.P95 && statistics.P95 <= statistics.P99 && statistics.P99 <= statistics.Longest);
        Assert.True(statistics.ItemTime >= statistics.Longest);
        Assert.Equal(statistics.Elapsed, statistics.Elapsed);
    }

    [Fact]
    public async Task They_can_be_looked_at_while_the_call_runs()
    {
        Probe probe = _session.Probe;
        System.Collections.ArrayList seen = [];
        _session.Set("seen", seen);
        ScriptRun run = _session.Start(
            "& { $null = $seen.Add($s); 1..3 } | Invoke-Concurrent -ThrottleLimit 1 -Statistics s { if ($_ -eq 2) { $probe.Pass() } }");
        await Condition.UntilAsync(() => probe.Running == 1, "the second item runs");
        ConcurrentStatistics statistics = Assert.IsType<ConcurrentStatistics>(Assert.Single(seen.ToArray()));

        Assert.Equal(1, statistics.Count);
        Assert.False(statistics.IsCompleted);
        TimeSpan elapsed = statistics.Elapsed;
        await Condition.UntilAsync(() => statistics.Elapsed > elapsed, "time goes on");
        probe.Open();
        await run.EndAsync();
        Assert.Equal(3, statistics.Count);
    }

    [Theory]
    [InlineData(
        ConcurrentBottleneck.ThrottleLimit,
        "1..20 | Invoke-Concurrent -ThrottleLimit 2 -Statistics s { Start-Sleep -Milliseconds 20 }")]
    [InlineData(
        ConcurrentBottleneck.Throttle,
        "$t = New-Throttle 1; 1..10 | Invoke-Concurrent -ThrottleLimit 10 -Throttle $t -Statistics s { Start-Sleep -Milliseconds 20 }")]
    [InlineData(
        ConcurrentBottleneck.Pipeline,
        "1..10 | Invoke-Concurrent -Statistics s { $_ } | ForEach-Object { [Threading.Thread]::Sleep(50) }")]
    [InlineData(
        ConcurrentBottleneck.Input,
        "1..10 | ForEach-Object { [Threading.Thread]::Sleep(50); $_ } | Invoke-Concurrent -Statistics s { $_ }")]
    [InlineData(
        ConcurrentBottleneck.Input,
        "$q = New-AsyncStream { 1..10 | ForEach-Object { [Threading.Thread]::Sleep(50); $_ } }; "
            + "Invoke-Concurrent -InputStream $q -Statistics s { $_ }")]
    [InlineData(ConcurrentBottleneck.Items, "1..2 | Invoke-Concurrent -ThrottleLimit 2 -Statistics s { Start-Sleep -Seconds 2 }")]
    [InlineData(
        ConcurrentBottleneck.Workers,
        "1..4 | Invoke-Concurrent -ThrottleLimit 4 -UseNewRunspace -InitializationScript { Start-Sleep -Seconds 1 } -Statistics s { 1 }")]
    [InlineData(
        ConcurrentBottleneck.Order,
        "0..1 | Invoke-Concurrent -ThrottleLimit 2 -Ordered -Statistics s { "
            + "if ($_ -eq 0) { Start-Sleep -Seconds 2 } else { 1..20000 } } | Out-Null")]
    [InlineData(
        ConcurrentBottleneck.ThrottleLimit,
        "1..10 | Start-Throttled -ThrottleLimit 1 -Statistics s { Start-Sleep -Milliseconds 20 } | Receive-Job -Wait -AutoRemoveJob")]
    public async Task What_limits_a_call_is_named(ConcurrentBottleneck expected, string script)
    {
        ConcurrentStatistics statistics = await MeasureAsync(script);

        Assert.True(expected == statistics.LimitedBy, $"{statistics}: {string.Join(", ", Waits(statistics))}");
    }

    [Fact]
    public async Task Jobs_are_counted()
    {
        ConcurrentStatistics statistics = await MeasureAsync(
            "1..5 | Start-Throttled -Statistics s { if ($_ -eq 1) { throw 'x' } } | Receive-Job -Wait -AutoRemoveJob", failures: true);

        await Condition.UntilAsync(() => statistics.IsCompleted, "the call of the jobs has ended");
        Assert.Equal((5, 1), (statistics.Count, statistics.Failed));
    }

    [Fact]
    public async Task Elements_of_a_stream_are_counted()
    {
        ConcurrentStatistics statistics = await MeasureAsync(
            "$q = New-AsyncQueue; 1..5 | Write-AsyncQueue $q; Complete-AsyncQueue $q; "
                + "Invoke-Concurrent -InputStream $q -Statistics s { $_ }");

        Assert.Equal(5, statistics.Count);
    }

    [Fact]
    public async Task A_call_that_is_stopped_has_its_figures()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..10 | Invoke-Concurrent -ThrottleLimit 2 -Statistics global:s { if ($_ -gt 2) { $probe.Pass() } }");
        await Condition.UntilAsync(() => probe.Running == 2, "two run");

        await run.StopAsync();

        ConcurrentStatistics statistics = await GetAsync();
        Assert.True(statistics.IsCompleted);
        Assert.InRange(statistics.Count, 4, 10);
    }

    [Theory]
    [InlineData("$s")]
    [InlineData("'two words'")]
    [InlineData("'nowhere:s'")]
    public async Task Anything_but_a_name_is_an_error(string argument)
    {
        await _session.RunAsync("$global:s = Get-Date");

        ErrorRecord error = await _session.FailStatementAsync($"1 | Invoke-Concurrent -Statistics {argument} {{ $_ }}");

        Assert.StartsWith("VariableNameInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_of_many_items_take_no_more_memory()
    {
        ConcurrentStatistics statistics = await MeasureAsync("1..20000 | Invoke-Concurrent -Statistics s { $_ } | Out-Null");
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100_000; i++)
        {
            statistics.Ended(TimeSpan.FromTicks(i), failed: false);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(120_000, statistics.Count);
    }

    private async Task<ConcurrentStatistics> MeasureAsync(string script, bool failures = false)
    {
        ScriptRun run = await _session.RunAsync(script.Replace("-Statistics s ", "-Statistics global:s ", StringComparison.Ordinal));
        Assert.Equal(failures, run.Errors.Count > 0);
        return await GetAsync();
    }

    private async Task<ConcurrentStatistics> GetAsync()
        => Assert.IsType<ConcurrentStatistics>(Assert.Single((await _session.RunAsync("$s")).Output));

    private static IEnumerable<string> Waits(ConcurrentStatistics s) =>
    [
        $"elapsed {s.Elapsed}", $"items {s.ItemTime}", $"limit {s.LimitWait}", $"permit {s.PermitWait}", $"worker {s.WorkerWait}",
        $"pipeline {s.PipelineWait}", $"order {s.OrderWait}", $"input {s.InputTime}", $"output {s.OutputTime}",
    ];
}
