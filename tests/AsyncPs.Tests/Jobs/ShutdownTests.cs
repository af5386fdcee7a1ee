using System.Management.Automation;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>Jobs end with the module, the session and the process, and clean up before.</summary>
public sealed class ShutdownTests
{
    private const string Job =
        "Start-Throttled { try { $probe.Enter(); while ($true) { [Threading.Thread]::Sleep(1) } } finally { "
            + "[Threading.Thread]::Sleep(50); $probe.Exit() } }";

    [Fact]
    public async Task Removing_the_module_stops_the_jobs_and_tells_of_lost_failures()
    {
        using var session = new ModuleSession();
        Probe probe = session.Probe;
        await session.RunAsync($"$global:jobs = {Job}; $global:failed = Start-Throttled {{ throw 'lost' }}; $null = $failed | Wait-Job");
        await Condition.UntilAsync(() => probe.Running == 1, "the job runs");
        ScriptRun run = await session.RunAsync("Remove-Module AsyncPs; $jobs.State.ToString()");

        Assert.Equal(["Stopped"], run.Output);
        Assert.Equal(1, probe.Ended);
        Assert.Contains("lost", Assert.Single(run.Streams.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_the_session_stops_the_jobs_and_those_that_wait()
    {
        ThrottledJob[] jobs;
        Probe probe;
        using (var session = new ModuleSession())
        {
            probe = session.Probe;
            ScriptRun run = await session.RunAsync($"1..4 | {Job.Replace("{ try", "-ThrottleLimit 2 { try", StringComparison.Ordinal)}");
            jobs = [.. run.Output.Cast<ThrottledJob>()];
            await Condition.UntilAsync(() => probe.Running == 2, "two run");
        }

        Assert.All(jobs, static job => Assert.Equal(JobState.Stopped, job.JobStateInfo.State));
        Assert.Equal(2, probe.Ended);
    }

    [Theory]
    [InlineData("")]
    [InlineData("exit 7")]
    [InlineData("[Environment]::Exit(7)")]
    public async Task Leaving_the_process_runs_finally_blocks(string end)
    {
        using TempFolder folder = new();
        string file = folder["cleaned"];
        ChildResult result = await ChildProcess.RunPowerShellAsync(
            "-Command",
            $"$on = [Threading.ManualResetEventSlim]::new(); $job = Start-Throttled {{ try {{ $on.Set(); "
                + $"while ($true) {{ [Threading.Thread]::Sleep(1) }} }} finally {{ [IO.File]::WriteAllText('{file}', 'cleaned') }} }}; "
                + $"$on.Wait(); {end}");

        Assert.Equal(end.Length == 0 ? 0 : 7, result.ExitCode);
        Assert.Equal("cleaned", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
