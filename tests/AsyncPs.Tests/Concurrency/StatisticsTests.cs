using System.Management.Automation;
using System.Reflection;
using AsyncPs.Concurrency.Measuring;
using AsyncPs.Concurrency.Waits;
using AsyncPs.Inspection;
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

    // Each script waits for so long at least, however slow the machine is.
    [Theory]
    [InlineData("LimitWait", 100, "1..20 | Invoke-Concurrent -ThrottleLimit 1 -Statistics s { Start-Sleep -Milliseconds 20 }")]
    [InlineData(
        "LimitWait",
        20,
        "1..3 | Start-Throttled -ThrottleLimit 1 -Statistics s { Start-Sleep -Milliseconds 20 } | Receive-Job -Wait -AutoRemoveJob")]
    [InlineData(
        "PermitWait",
        20,
        "$t = New-Throttle 1; 1..3 | Start-Throttled -Throttle $t -Statistics s { Start-Sleep -Milliseconds 20 } "
            + "| Receive-Job -Wait -AutoRemoveJob")]
    [InlineData(
        "WorkerWait",
        1000,
        "1..2 | Invoke-Concurrent -UseNewRunspace -InitializationScript { Start-Sleep -Seconds 1 } -Statistics s { 1 }")]
    [InlineData("OutputTime", 450, "1..10 | Invoke-Concurrent -Statistics s { $_ } | ForEach-Object { [Threading.Thread]::Sleep(50) }")]
    [InlineData("InputTime", 50, "1..3 | ForEach-Object { [Threading.Thread]::Sleep(60); $_ } | Invoke-Concurrent -Statistics s { $_ }")]
    [InlineData(
        "InputTime",
        50,
        "$q = New-AsyncStream { 1..3 | ForEach-Object { [Threading.Thread]::Sleep(60); $_ } }; "
            + "Invoke-Concurrent -InputStream $q -Statistics s { $_ }")]
    public async Task Waits_are_measured(string wait, int least, string script)
    {
        ConcurrentStatistics statistics = await MeasureAsync(script);

        var measured = (TimeSpan)typeof(ConcurrentStatistics).GetProperty(wait)!.GetValue(statistics)!;
        Assert.InRange(measured.TotalMilliseconds, least, double.MaxValue);
    }

    [Theory]
    [InlineData(
        "OrderWait",
        WaitKind.Order,
        "0..1 | Invoke-Concurrent -ThrottleLimit 2 -Ordered -Statistics s { if ($_) { 1..20000 } else { $probe.Pass() } } | Out-Null")]
    [InlineData("PipelineWait", WaitKind.Pipeline, "1 | Invoke-Concurrent -Statistics s { 1..20000 } | ForEach-Object { $probe.Hold() }")]
    public async Task Waits_of_writers_are_measured(string wait, WaitKind kind, string script)
    {
        string mark = $"mark-{Guid.NewGuid():N}";
        ScriptRun run = _session.Start(script.Replace("-Statistics s ", "-Statistics global:s ", StringComparison.Ordinal) + $" # {mark}");
        await Condition.UntilAsync(
            () => CallInspector.Inspect()
                .Where(call => call.Text.Contains(mark, StringComparison.Ordinal))
                .SelectMany(static call => call.Items)
                .Any(item => item.WaitsFor?.Kind == kind),
            $"an item has the wait {kind}");
        _session.Probe.Open();
        await run.EndAsync();

        ConcurrentStatistics statistics = await GetAsync();
        Assert.True((TimeSpan)typeof(ConcurrentStatistics).GetProperty(wait)!.GetValue(statistics)! > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(nameof(ConcurrentStatistics.Limit), ConcurrentBottleneck.ThrottleLimit)]
    [InlineData(nameof(ConcurrentStatistics.Permit), ConcurrentBottleneck.Throttle)]
    [InlineData(nameof(ConcurrentStatistics.Worker), ConcurrentBottleneck.Workers)]
    [InlineData(nameof(ConcurrentStatistics.Order), ConcurrentBottleneck.Order)]
    [InlineData(nameof(ConcurrentStatistics.Pipeline), ConcurrentBottleneck.Pipeline)]
    [InlineData(nameof(ConcurrentStatistics.Output), ConcurrentBottleneck.Pipeline)]
    [InlineData(nameof(ConcurrentStatistics.Input), ConcurrentBottleneck.Input)]
    public void What_is_waited_for_most_is_the_bottleneck(string longest, ConcurrentBottleneck expected)
    {
        var statistics = new ConcurrentStatistics("Invoke-Concurrent");
        statistics.Ended(TimeSpan.FromHours(1), failed: false);
        statistics.End();
        foreach (TimeSum other in new[] { statistics.Limit, statistics.Permit, statistics.Worker, statistics.Order, statistics.Pipeline })
        {
            other.Add(TimeSpan.FromMinutes(20));
        }

        var sum = (TimeSum)typeof(ConcurrentStatistics).GetProperty(longest, BindingFlags.Instance | BindingFlags.NonPublic)!
            .GetValue(statistics)!;
        sum.Add(TimeSpan.FromMinutes(10));

        Assert.Equal(expected, statistics.LimitedBy);
    }

    [Fact]
    public void Items_that_hardly_wait_are_the_bottleneck_themselves()
    {
        var statistics = new ConcurrentStatistics("Invoke-Concurrent");
        statistics.Ended(TimeSpan.FromHours(1), failed: false);
        statistics.End();
        statistics.Limit.Add(TimeSpan.FromMinutes(5));

        Assert.Equal(ConcurrentBottleneck.Items, statistics.LimitedBy);
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
}
