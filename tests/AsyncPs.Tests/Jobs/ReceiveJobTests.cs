using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>`Receive-Job -Wait` with jobs that end while it takes in others.</summary>
public sealed class ReceiveJobTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    /// <summary>The jobs take microseconds: one in three fails.</summary>
    [Theory]
    [InlineData("1..1000 | Start-Throttled $block | Receive-Job -Wait -AutoRemoveJob @errors")]
    [InlineData("$jobs = 1..1000 | Start-Throttled $block; $jobs | Receive-Job -Wait -AutoRemoveJob @errors")]
    [InlineData("1 | Start-Throttled { 1..1000 | Start-Throttled $block | Receive-Job -Wait -AutoRemoveJob } | Receive-Job -Wait "
        + "-AutoRemoveJob @errors")]
    [InlineData("1..1000 | Start-Throttled $block | Receive-Job -Wait @errors; Get-Job | Remove-Job")]
    public async Task Ends_and_receives_each_record_of_jobs_that_are_piped_in(string pipeline)
    {
        for (int i = 0; i < Stress.Times(6); i++)
        {
            ScriptRun run = await _session.RunAsync($$"""
                $block = { if ($_ % 3 -eq 0) { throw "$_" }; $_; $_ }
                $errors = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures' }
                $output = @({{pipeline}})
                $output.Count, [Collections.Generic.HashSet[string]]::new([string[]] $output).Count
                $failures.Count, [Collections.Generic.HashSet[string]]::new([string[]] $failures).Count
                @(Get-Job).Count
                """, Deadline);

            Assert.Equal([1334, 667, 333, 333, 0], run.Output);
        }
    }

    /// <summary>The job has output already, and fails while that output is written.</summary>
    [Theory]
    [InlineData("$job | Receive-Job @errors")]
    [InlineData("Receive-Job -Id $job.Id @errors")]
    [InlineData("Receive-Job -Name $job.Name @errors -AutoRemoveJob")]
    [InlineData("$job, $job | Receive-Job @errors")]
    public async Task Writes_a_failure_once_that_comes_while_output_is_written(string receive)
    {
        ScriptRun run = await _session.RunAsync($$"""
            $goOn = [Threading.ManualResetEventSlim]::new()
            $job = Start-Throttled { 'output'; $null = $goOn.Wait(60000); throw 'failure' }
            while ($job.Output.Count -eq 0) { }
            $errors = @{ Wait = $true; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures' }
            {{receive}} | ForEach-Object { $_; $goOn.Set(); while ($job.State -eq 'Running') { } }
            "$failures"
            """, Deadline);

        Assert.Equal(["output", "failure"], run.Output);
    }
}
