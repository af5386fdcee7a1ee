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
}
