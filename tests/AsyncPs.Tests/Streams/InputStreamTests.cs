using System.Management.Automation;
using System.Threading.Channels;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Streams;

/// <summary>Queues and streams as the input of Invoke-Concurrent: when items are taken, and how they are settled.</summary>
public sealed class InputStreamTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly AsyncQueue _queue = new();

    public InputStreamTests() => _session.Set("q", _queue);

    public void Dispose() => _session.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumers_share_a_queue_and_every_item_is_done()
    {
        Write(1, 200);
        _queue.Complete();

        ScriptRun run = await _session.RunAsync("Invoke-Concurrent { $probe.Enter(); $_; $probe.Exit() } -InputStream $q -ThrottleLimit 3");

        Assert.Equal(Enumerable.Range(1, 200), run.Output.Cast<int>().Order());
        Assert.InRange(_session.Probe.Highest, 1, 3);
        Assert.Equal((200, 0, 0), (_queue.Finished, _queue.InFlight, _queue.Count));
    }

    [Fact]
    public async Task Only_what_can_be_run_is_taken_and_it_is_done_when_its_block_has_ended()
    {
        Write(1, 10);
        _queue.Complete();
        Probe probe = _session.Probe;

        ScriptRun run = _session.Start("Invoke-Concurrent { $probe.Pass() } -InputStream $q -ThrottleLimit 2");
        await Condition.UntilAsync(() => probe.Running == 2, "two run");
        Assert.Equal((0, 2, 8), (_queue.Finished, _queue.InFlight, _queue.Count));

        probe.Open();
        await run.EndAsync();
        Assert.Equal((10, 0), (_queue.Finished, _queue.InFlight));
    }

    [Fact]
    public async Task An_item_that_fails_is_reported_and_done_after_its_last_attempt()
    {
        Write(1, 5);
        _queue.Complete();

        ScriptRun run = await _session.RunAsync(
            "Invoke-Concurrent { $probe.Produce(); if ($_ -eq 3) { throw 'no' }; $_ } -InputStream $q -RetryCount 2 -RetryDelay 0");

        Assert.Equal([1, 2, 4, 5], run.Output.Order());
        Assert.Equal(3, Assert.Single(run.Errors).Target());
        Assert.Equal(7, _session.Probe.Produced);
        Assert.Equal((5, 0, 0), (_queue.Finished, _queue.InFlight, _queue.Count));
    }

    [Fact]
    public async Task An_item_that_takes_too_long_is_reported_and_done()
    {
        Write(1, 1);
        _queue.Complete();

        ScriptRun run = await _session.RunAsync("Invoke-Concurrent { while ($true) { } } -InputStream $q -ItemTimeout 20ms");

        Assert.StartsWith("ItemTimedOut,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), (_queue.Finished, _queue.InFlight, _queue.Count));
    }

    [Theory]
    [InlineData("while ($true) { }", "")]
    [InlineData("while ($true) { }", "-Ordered -AsResult")]
    [InlineData("[Threading.Thread]::Sleep(60000)", "")]
    [InlineData("[Threading.Tasks.Task]::Delay(60000, $AsyncContext.CancellationToken)", "")]
    [InlineData("throw 'again'", "-RetryCount 9 -RetryDelay 60")]
    public async Task What_runs_when_the_command_is_stopped_goes_back(string body, string options)
    {
        for (int round = 0; round < 5; round++)
        {
            var queue = new AsyncQueue();
            _session.Set("q", queue);
            Write(queue, 1, 10);
            Probe probe = _session.NewProbe();

            ScriptRun run = _session.Start($"Invoke-Concurrent {{ $probe.Produce(); {body} }} -InputStream $q -ThrottleLimit 2 {options}");
            await Condition.UntilAsync(() => probe.Produced == 2, "two run");
            await run.StopAsync();

            Assert.Equal((0, 0, 10), (queue.Finished, queue.InFlight, queue.Count));
            int[] deliveries = await DrainAsync(queue);
            Assert.Equal([2, 2, 1, 1, 1, 1, 1, 1, 1, 1], deliveries);
        }
    }

    [Theory]
    [InlineData("-FailFast", "$probe.Produce(); if ($_ -eq 2) { $probe.Hold(); throw 'no' }; while ($true) { }")]
    [InlineData("-Timeout 50ms", "$probe.Produce(); while ($true) { }")]
    [InlineData("| ForEach-Object { throw 'no' }", "$probe.Produce(); if ($_ -eq 2) { $probe.Hold(); return 1 }; while ($true) { }")]
    public async Task What_runs_when_the_command_ends_early_goes_back(string tail, string body)
    {
        Write(1, 6);
        Probe probe = _session.Probe;

        Task failed = _session.FailStatementAsync($"Invoke-Concurrent {{ {body} }} -InputStream $q -ThrottleLimit 2 {tail}");
        await Condition.UntilAsync(() => probe.Produced == 2 || failed.IsCompleted, "two run, or the time is over");
        probe.Open();
        await failed;

        int ended = tail.StartsWith("-Timeout", StringComparison.Ordinal) ? 0 : 1;
        Assert.Equal((ended, 0, 6 - ended), (_queue.Finished, _queue.InFlight, _queue.Count));
    }

    [Fact]
    public async Task A_stop_at_any_moment_loses_nothing_and_repeats_only_what_was_cut_short()
    {
        int written = 0;
        Probe probe = _session.Probe;
        for (int round = 0; round < 40; round++)
        {
            Write(_queue, written + 1, 300);
            written += 300;
            int before = probe.Ended;

            ScriptRun run = _session.Start("Invoke-Concurrent { $probe.Exit() } -InputStream $q -ThrottleLimit 4");
            await Condition.UntilAsync(() => probe.Ended > before, "items are handled");
            Thread.SpinWait(round * 500);
            await run.StopAsync();
            Assert.Equal((written, 0L), (_queue.Finished + _queue.Count, _queue.InFlight));
        }

        int left = _queue.Count;
        Assert.Equal(left, (await DrainAsync(_queue)).Length);
    }

    [Fact]
    public async Task A_queue_that_its_consumers_feed_ends_when_all_work_is_done()
    {
        for (int round = 0; round < 10; round++)
        {
            var queue = new AsyncQueue();
            _session.Set("q", queue);
            queue.TryWrite(7);
            queue.CompleteWhenDone();

            ScriptRun run = await _session.RunAsync(
                "Invoke-Concurrent { $_; if ($_ -gt 0) { ($_ - 1), ($_ - 1) | Write-AsyncQueue $q } } -InputStream $q -ThrottleLimit 4");

            Assert.Equal(Enumerable.Range(0, 8).SelectMany(n => Enumerable.Repeat(7 - n, 1 << n)).Order(), run.Output.Cast<int>().Order());
            Assert.Equal((255, AsyncQueueState.Ended), (queue.Finished, queue.State));
        }
    }

    [Fact]
    public async Task A_command_that_waits_holds_no_worker()
    {
        // The first item needs a worker, which is released when no more items come.
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("Invoke-Concurrent { $inputItem = $_; $probe.Pass(); $inputItem } -InputStream $q -ThrottleLimit 4");
        await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "the command waits");
        Assert.Null(probe.Runner);

        _queue.TryWrite(1);
        await Condition.UntilAsync(() => probe.Running == 1, "it runs an item");
        Assert.Equal(1, CallWorkers.Of("$inputItem"));
        probe.Open();
        await Condition.UntilAsync(() => CallWorkers.Of("$inputItem") == 0, "its worker is back in the pool");
        Assert.False(run.HasEnded);

        // The call gets another worker when it needs one.
        _queue.TryWrite(2);
        _queue.Complete();
        await run.EndAsync();
        Assert.Equal([1, 2], run.Output);
    }

    [Fact]
    public async Task Stages_are_chained_by_queues()
    {
        ScriptRun run = await _session.RunAsync("""
            $first = New-AsyncQueue 5; $second = New-AsyncQueue 5
            Invoke-Concurrent {
                Invoke-Concurrent { 1..50 | Write-AsyncQueue $first }, { 51..100 | Write-AsyncQueue $first }
                Complete-AsyncQueue $first
            }, {
                Invoke-Concurrent { $_ * 2 } -InputStream $first -ThrottleLimit 3 | Write-AsyncQueue $second
                Complete-AsyncQueue $second
            }, {
                Invoke-Concurrent { $_ + 1 } -InputStream $second -ThrottleLimit 2
            }
            """);

        Assert.Equal(Enumerable.Range(1, 100).Select(n => (n * 2) + 1), run.Output.Cast<int>().Order());
    }

    [Fact]
    public async Task Everything_that_can_be_read_is_input_and_several_are_merged()
    {
        var channel = Channel.CreateUnbounded<int>();
        channel.Writer.TryWrite(3);
        channel.Writer.Complete();
        _session.Set("channel", channel);
        Write(4, 2);
        _queue.Complete();

        ScriptRun run = await _session.RunAsync("""
            function Write-Both {
                [CmdletBinding()] param() $PSCmdlet.WriteWarning('mind')
                $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('bad'), 'Bad', 'NotSpecified', 7))
            }
            Invoke-Concurrent { $_ * 10 } -InputStream (New-AsyncStream { 1; Write-Both; 2 }), $channel, $q
            """);

        Assert.Equal([10, 20, 30, 40, 50], run.Output.Cast<int>().Order());
        Assert.Equal("mind", Assert.Single(run.Streams.Warning).Message);
        Assert.Equal(7, Assert.Single(run.Errors).Target());
    }

    [Fact]
    public async Task The_order_of_a_queue_can_be_kept()
    {
        Write(1, 100);
        _queue.Complete();

        ScriptRun run = await _session.RunAsync(
            "Invoke-Concurrent { [Threading.Thread]::Sleep((7 * $_) % 5); $_ } -InputStream $q -Ordered");

        Assert.Equal(Enumerable.Range(1, 100).Cast<object>(), run.Output);
    }

    [Theory]
    [InlineData("New-AsyncStream { 1; 2; throw 'broken' }")]
    [InlineData("$q")]
    public async Task What_a_stream_fails_with_comes_after_its_items(string stream)
    {
        Write(1, 2);
        _queue.Complete(new InvalidDataException("broken"));

        ScriptRun run = await _session.RunAsync(
            $"try {{ Invoke-Concurrent {{ $_ }} -InputStream ({stream}) -Ordered }} catch {{ \"$_\" }}");

        Assert.Equal([1, 2, "broken"], run.Output);
    }

    [Fact]
    public async Task Batches_are_done_as_one_and_leave_in_time()
    {
        Write(1, 7);
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start(
            "Invoke-Concurrent { $_ -join ' '; $probe.Pass() } -InputStream $q -BatchSize 3 -BatchDelay 20ms -ThrottleLimit 9");
        await Condition.UntilAsync(() => probe.Running == 3, "three batches run");
        Assert.Equal((0, 7, 0), (_queue.Finished, _queue.InFlight, _queue.Count));

        probe.Open();
        _queue.Complete();
        await run.EndAsync();
        Assert.Equal(["1 2 3", "4 5 6", "7"], run.Output.Order());
        Assert.Equal(7, _queue.Finished);
    }

    [Fact]
    public async Task A_batch_that_was_not_run_goes_back()
    {
        Write(1, 7);
        Probe probe = _session.Probe;
        ScriptRun run = _session.Start("Invoke-Concurrent { $probe.Pass() } -InputStream $q -BatchSize 5");
        await Condition.UntilAsync(() => probe.Running == 1 && _queue.InFlight == 7, "a batch runs, and one is not full");

        await run.StopAsync();

        Assert.Equal((0, 0, 7), (_queue.Finished, _queue.InFlight, _queue.Count));
        int[] deliveries = await DrainAsync(_queue);
        Assert.Equal([2, 2, 2, 2, 2, 1, 1], deliveries);
        probe.Open();
    }

    [Theory]
    [InlineData("Invoke-Concurrent { $probe.Produce() } -InputStream 5", "NotAStream")]
    [InlineData("1 | Invoke-Concurrent { $probe.Produce() } -InputStream $q", "InputStreamWithInput")]
    [InlineData("Invoke-Concurrent { $probe.Produce() } -InputStream $q -InputObject 1", "InputStreamWithInput")]
    [InlineData("Invoke-Concurrent { $probe.Produce() }, { 1 } -InputStream $q", "SeveralBlocksWithInput")]
    public async Task What_makes_no_sense_is_refused(string script, string id)
    {
        Write(1, 1);

        ErrorRecord error = await _session.FailStatementAsync(script);

        Assert.Equal($"{id},AsyncPs.Commands.InvokeConcurrentCommand", error.FullyQualifiedErrorId);
        Assert.Equal((1, 0), (_queue.Count, _session.Probe.Produced));
    }

    private void Write(int first, int count) => Write(_queue, first, count);

    private static void Write(AsyncQueue queue, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            queue.TryWrite(i);
        }
    }

    // The number of deliveries of each item.
    private static async Task<int[]> DrainAsync(AsyncQueue queue)
    {
        List<QueueItem> items = [];
        while (queue.Count > 0)
        {
            items.Add(await queue.ReadItemAsync(Token));
        }

        Assert.Equal(items.Select(static i => (int)i.Value!).Order(), items.Select(static i => (int)i.Value!));
        Assert.Equal(items.Count, items.Select(static i => i.Value).Distinct().Count());
        return [.. items.Select(static i => i.DeliveryCount)];
    }
}
