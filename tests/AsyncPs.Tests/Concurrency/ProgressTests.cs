using System.Management.Automation;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Concurrency;

/// <summary>-Progress.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task It_counts_and_is_taken_away_at_the_end()
    {
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "1..10 | Invoke-Concurrent -Progress -ThrottleLimit 4 -Args $probe { if ($_ -gt 6) { $args[0].Pass() }; "
                + "if ($_ -eq 2) { throw 'x' } }");
        await Condition.UntilAsync(
            () => run.Streams.Progress.Any(static p => p.StatusDescription.StartsWith(
                "6 of 10 done, 4 running, 1 failed",
                StringComparison.Ordinal)),
            "progress is shown");
        probe.Open();
        await run.EndAsync();

        Assert.Contains(run.Streams.Progress, static p => p.PercentComplete == 60);
        Assert.Equal(ProgressRecordType.Completed, run.Streams.Progress[^1].RecordType);
    }

    [Fact]
    public async Task With_verbose_it_names_the_item_that_has_been_running_for_longest()
    {
        ScriptRun run = _session.Start(
            "1..3 | Invoke-Concurrent -Progress -Verbose -ThrottleLimit 2 { if ($_ -eq 2) { $probe.Pass() } }");

        await Condition.UntilAsync(
            () => run.Streams.Progress.Any(
                static p => System.Text.RegularExpressions.Regex.IsMatch(p.StatusDescription, @"; slowest: \[1\] .+ \d+[.,]\d s$")),
            "the second item is named");
        _session.Probe.Open();
        await run.EndAsync();

        Assert.All(run.Streams.Progress, static p => Assert.DoesNotContain("slowest: [0]", p.StatusDescription, StringComparison.Ordinal));
    }
}
