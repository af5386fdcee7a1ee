using System.Management.Automation;
using AsyncPs.Jobs;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>The records of a job of Start-Throttled: their streams, and when they are received.</summary>
public sealed class JobRecordTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task An_error_that_ends_the_job_is_its_reason_and_others_are_in_its_stream()
    {
        ScriptRun run = await _session.RunAsync("""
            $j = 5 | Start-Throttled {
                1
                & {
                    [CmdletBinding()]param() $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('written'),
                        'Id', 0, $null))
                }
                throw 'thrown'
                2
            } | Wait-Job
            $j.State.ToString(); $j.JobStateInfo.Reason.Message; $j.Failure.TargetObject; $j.StatusMessage
            $j.Error.Count; "$($j.Error[0])"
            $j | Receive-Job
            Remove-Job $j
            """);

        Assert.Equal(["Failed", "thrown", 5, "thrown", 1, "written", 1], run.Output);
        Assert.Equal(["written", "thrown"], run.Errors.Select(static e => e.ToString()));
        Assert.Empty(run.Streams.Warning);
    }

    [Fact]
    public async Task Awaits_what_the_block_writes_and_fails_with_it()
    {
        ScriptRun run = await _session.RunAsync("""
            Start-Throttled { [AsyncPs.Tests.Support.Tasks]::Later('later') } | Receive-Job -Wait -AutoRemoveJob
            $j = Start-Throttled { [Threading.Tasks.Task]::FromException([IO.IOException]::new('disk')) } | Wait-Job
            $j.State.ToString(); $j.JobStateInfo.Reason.GetType().Name
            $j = Start-Throttled -NoAwait { [Threading.Tasks.Task]::FromResult(1) }
            ($j | Receive-Job -Wait -AutoRemoveJob) -is [Threading.Tasks.Task]
            """);

        Assert.Equal(["later", "Failed", "IOException", true], run.Output);
    }

    [Fact]
    public async Task All_streams_are_received()
    {
        ScriptRun run = await _session.RunAsync("""
            Start-Throttled {
                $VerbosePreference = $DebugPreference = 'Continue'
                & {
                    [CmdletBinding()]param() $PSCmdlet.WriteWarning('w')
                    $PSCmdlet.WriteVerbose('v')
                    $PSCmdlet.WriteDebug('d')
                    $PSCmdlet.WriteInformation('i', @())
                }
            } | Receive-Job -Wait -Verbose -Debug
            """);

        Assert.Equal("w", Assert.Single(run.Streams.Warning).Message);
        Assert.Contains(run.Streams.Verbose, static v => v.Message == "v");
        Assert.Contains(run.Streams.Debug, static d => d.Message == "d");
        Assert.Contains(run.Streams.Information, static i => "i".Equals(i.MessageData));
    }

    [Fact]
    public async Task Keep_leaves_the_records_where_they_are()
    {
        ScriptRun run = await _session.RunAsync("""
            $j = Start-Throttled { 1; 2 } | Wait-Job
            $j | Receive-Job -Keep; $j.HasMoreData; $j | Receive-Job; $j.HasMoreData
            """);

        Assert.Equal([1, 2, true, 1, 2, false], run.Output);
    }

    [Fact]
    public async Task A_full_job_waits_until_its_output_is_received()
    {
        ScriptRun run = await _session.RunAsync("$global:job = Start-Throttled -BufferLimit 4 { 1..20 }; $job");
        var job = (ThrottledJob)run.Output[0]!;
        await Condition.UntilAsync(() => job.JobStateInfo.State == JobState.Blocked, "it is full");
        run = await _session.RunAsync("$job | Wait-Job; $job.Output.Count; $job | Receive-Job -Wait; $job.State.ToString()");

        Assert.Equal([4, .. Enumerable.Range(1, 20).Cast<object>(), "Completed"], run.Output);
        Assert.Contains(
            run.Errors,
            static e => e.FullyQualifiedErrorId.StartsWith("BlockedJobsDeadlockWithWaitJob", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_other_streams_the_latest_records_are_kept()
    {
        ScriptRun run = await _session.RunAsync(
            "$j = Start-Throttled -BufferLimit 3 { & { [CmdletBinding()]param() foreach ($i in 1..9) { $PSCmdlet.WriteWarning(\"w$i\") } "
                + "} } | Wait-Job; $j.Warning.Message");

        Assert.Equal(["w7", "w8", "w9"], run.Output);
    }

    [Fact]
    public async Task A_full_job_can_be_stopped()
    {
        ScriptRun run = await _session.RunAsync("$global:job = Start-Throttled -BufferLimit 1 { 1..20 }; $job");
        var job = (ThrottledJob)run.Output[0]!;
        await Condition.UntilAsync(() => job.JobStateInfo.State == JobState.Blocked, "it is full");
        run = await _session.RunAsync("Stop-Job $job; $job.State.ToString()");

        Assert.Equal(["Stopped"], run.Output);
    }

    [Fact]
    public async Task A_failure_that_nobody_received_is_told_once()
    {
        ScriptRun run = await _session.RunAsync("""
            $a = Start-Throttled -Name lost { throw 'bad' } | Wait-Job
            $b = Start-Throttled -Name seen { throw 'bad' } | Wait-Job
            $c = Start-Throttled -Name written { 1/0 } | Wait-Job
            $d = Start-Throttled -Name waited { throw 'bad' }
            $b | Receive-Job -ErrorAction SilentlyContinue
            $d | Receive-Job -Wait -AutoRemoveJob -ErrorAction SilentlyContinue
            $a, $b, $c | Remove-Job
            """);

        Assert.Equal(2, run.Streams.Warning.Count);
        Assert.Contains("lost", run.Streams.Warning[0].Message, StringComparison.Ordinal);
        Assert.Contains("written", run.Streams.Warning[1].Message, StringComparison.Ordinal);
    }
}
