using System.Management.Automation;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Jobs;

/// <summary>Start-Throttled -InputStream: one job for all items of a queue.</summary>
public sealed class StreamJobTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly AsyncQueue _queue = new();

    public StreamJobTests() => _session.Set("q", _queue);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task One_job_deals_with_all_items_of_a_queue()
    {
        ScriptRun run = await _session.RunAsync("""
            $job = Start-Throttled {
                param($by) $probe.Enter(); $_ * $by * $factor; $probe.Exit()
            } -ArgumentList 5 -InitializationScript { $factor = 2 } -InputStream $q -ThrottleLimit 3
            1..60 | Write-AsyncQueue $q
            Complete-AsyncQueue $q
            $job | Receive-Job -Wait
            $job.State.ToString()
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => i * 10), run.Output.SkipLast(1).Cast<int>().Order());
        Assert.Equal("Completed", run.Output[^1]);
        Assert.InRange(_session.Probe.Highest, 1, 3);
        Assert.Equal((60, 0L), (_queue.Finished, _queue.InFlight));
    }

    [Fact]
    public async Task AsJob_makes_one_job_for_all_input_objects()
    {
        ScriptRun run = await _session.RunAsync("""
            $job = 1..60 | Start-Throttled { $probe.Enter(); if ($_ -eq 7) { throw 'no' }; $_; $probe.Exit() } -AsJob -ThrottleLimit 3
            @($job).Count
            ($job | Receive-Job -Wait -ErrorVariable failed -ErrorAction SilentlyContinue | Measure-Object -Sum).Sum
            $failed.TargetObject
            $job.State.ToString()
            """);

        Assert.Equal([1, (60.0 * 61 / 2) - 7, 7, "Completed"], run.Output);
        Assert.InRange(_session.Probe.Highest, 1, 3);
    }

    [Theory]
    [InlineData("Start-Throttled { 'alone' } -AsJob", "alone")]
    [InlineData("@() | Start-Throttled { 'never' } -AsJob", null)]
    [InlineData("$null | Start-Throttled { \"null: $($null -eq $_)\" } -AsJob", "null: True")]
    public async Task AsJob_makes_one_job_of_little_input_too(string script, string? written)
    {
        ScriptRun run = await _session.RunAsync($"$job = {script}; @($job).Count; $job | Receive-Job -Wait -AutoRemoveJob");

        Assert.Empty(run.Errors);
        Assert.Equal(written is null ? [1] : [1, written], run.Output);
    }

    [Fact]
    public async Task A_job_that_waits_for_items_holds_no_worker()
    {
        await _session.RunAsync(
            "$global:job = Start-Throttled { $jobItem = $_; $probe.Pass(); $jobItem } -InputStream $q -ThrottleLimit 2");
        await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "the job waits");
        _queue.TryWrite(1);
        await Condition.UntilAsync(() => _session.Probe.Running == 1, "it deals with an item");
        Assert.Equal(1, CallWorkers.Of("$jobItem"));
        _session.Probe.Open();
        await Condition.UntilAsync(() => CallWorkers.Of("$jobItem") == 0, "its worker is back in the pool");

        _queue.TryWrite(2);
        _queue.Complete();
        Assert.Equal([1, 2], (await _session.RunAsync("$job | Receive-Job -Wait")).Output);
    }

    [Fact]
    public async Task An_item_that_fails_is_an_error_of_the_job_and_the_job_goes_on()
    {
        ScriptRun run = await _session.RunAsync("""
            1..3 | Write-AsyncQueue $q
            Complete-AsyncQueue $q
            $job = Start-Throttled { $probe.Produce(); if ($_ -eq 2) { throw 'no' }; $_ } -InputStream $q -RetryCount 1 -RetryDelay 0
            $job | Receive-Job -Wait
            $job.State.ToString()
            """);

        Assert.Equal([1, 3, "Completed"], [.. run.Output.SkipLast(1).Order(), run.Output[^1]]);
        Assert.Equal(2, Assert.Single(run.Errors).Target());
        Assert.Equal((3, 4), (_queue.Finished, _session.Probe.Produced));
    }

    [Fact]
    public async Task A_job_that_is_stopped_gives_back_what_it_runs()
    {
        for (int i = 1; i <= 6; i++)
        {
            _queue.TryWrite(i);
        }

        await _session.RunAsync("$global:job = Start-Throttled { $probe.Produce(); while ($true) { } } -InputStream $q -ThrottleLimit 2");
        await Condition.UntilAsync(() => _session.Probe.Produced == 2, "two run");
        ScriptRun run = await _session.RunAsync("Stop-Job $job; $job.State.ToString()");

        Assert.Equal(["Stopped"], run.Output);
        Assert.Equal((0, 0L, 6), (_queue.Finished, _queue.InFlight, _queue.Count));
    }

    [Fact]
    public async Task Its_time_is_that_of_the_job()
    {
        _queue.TryWrite(1);
        ScriptRun run = await _session.RunAsync(
            "$job = Start-Throttled { while ($true) { } } -InputStream $q -Timeout 50ms; $null = $job | Wait-Job; $job.State.ToString()");

        Assert.Equal(["Failed"], run.Output);
        await Condition.UntilAsync(() => _queue.Count == 1 && _queue.InFlight == 0, "the item is back");
    }

    [Fact]
    public async Task Stages_are_jobs_with_queues_between_them()
    {
        ScriptRun run = await _session.RunAsync("""
            $second = New-AsyncQueue 5
            $first = Start-Throttled { Write-AsyncQueue $second ($_ * 2) } -InputStream $q -ThrottleLimit 3
            $last = Start-Throttled { $_ + 1 } -InputStream $second -ThrottleLimit 2
            1..100 | Write-AsyncQueue $q
            Complete-AsyncQueue $q
            $null = $first | Wait-Job
            Complete-AsyncQueue $second
            $last | Receive-Job -Wait
            """);

        Assert.Empty(run.Errors);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (i * 2) + 1), run.Output.Cast<int>().Order());
    }

    [Fact]
    public async Task What_a_queue_was_completed_with_ends_the_job()
    {
        _queue.TryWrite(1);
        _queue.Complete(new InvalidDataException("broken"));

        ScriptRun run = await _session.RunAsync(
            "$job = Start-Throttled { $_ } -InputStream $q; $null = $job | Wait-Job; $job.State.ToString(); "
                + "$job.Failure.Exception.Message; $job | Receive-Job -ErrorAction SilentlyContinue");

        Assert.Equal(["Failed", "broken", 1], run.Output);
    }

    [Theory]
    [InlineData("Start-Throttled { 1 } -InputStream 5", "NotAStream")]
    [InlineData("1 | Start-Throttled { 1 } -InputStream $q", "InputStreamWithInput")]
    [InlineData("Start-Throttled { 1 }, { 2 } -InputStream $q", "SeveralBlocksWithInput")]
    [InlineData("Start-Throttled { 1 }, { 2 } -AsJob", "AsJobWithSeveralBlocks")]
    [InlineData("1 | Start-Throttled { 1 }, { 2 } -AsJob", "SeveralBlocksWithInput")]
    public async Task What_makes_no_sense_is_refused(string script, string id)
    {
        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.Equal($"{id},AsyncPs.Commands.StartThrottledCommand", error.FullyQualifiedErrorId);
        Assert.Empty((await _session.RunAsync("Get-Job")).Output);
    }
}
