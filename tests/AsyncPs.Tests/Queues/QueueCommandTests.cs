using System.Management.Automation;
using AsyncPs.Queues;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Queues;

/// <summary>The queue cmdlets: waits, errors, and the fate of items when a pipeline ends early.</summary>
public sealed class QueueCommandTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly AsyncQueue _queue = new(name: "jobs");

    public QueueCommandTests() => _session.Set("q", _queue);

    public void Dispose() => _session.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_pass_from_pipeline_to_pipeline_as_they_are_written()
    {
        ScriptRun reader = _session.Start("Read-AsyncQueue $q | ForEach-Object { $_ * 2 }");
        using var other = new ModuleSession();
        other.Set("q", _queue);

        await other.RunAsync("1..3 | Write-AsyncQueue $q");
        await Condition.UntilAsync(() => reader.Records.Count == 3, "the items came before the end");
        await other.RunAsync("Write-AsyncQueue $q 4; Complete-AsyncQueue $q");

        await reader.EndAsync();
        Assert.Equal([2, 4, 6, 8], reader.Output);
        Assert.Equal(4, _queue.Finished);
    }

    [Fact]
    public async Task Nothing_is_an_item_too_and_a_collection_given_by_name_is_one()
    {
        ScriptRun run = await _session.RunAsync(
            "1, $null | Write-AsyncQueue $q; Write-AsyncQueue $q (1, 2, 3); Write-AsyncQueue $q @(); $q.Count; "
                + "(Read-AsyncQueue $q -Count 4 | ForEach-Object { @($_).Count }) -join ' '");

        Assert.Equal([4, "1 1 3 0"], run.Output);
    }

    [Fact]
    public async Task A_full_queue_holds_its_writer_up()
    {
        var queue = new AsyncQueue(capacity: 3);
        _session.Set("q", queue);
        ScriptRun writer = _session.Start("1..10 | ForEach-Object { $probe.Produce(); $_ } | Write-AsyncQueue $q; 'end'");

        await Condition.UntilAsync(() => queue.WaitingWriters == 1, "the writer waits");
        Assert.Equal((3, 4), (queue.Count, _session.Probe.Produced));
        for (int i = 1; i <= 10; i++)
        {
            Assert.Equal(i, LanguagePrimitives.ConvertTo<int>(await queue.ReadAsync(Token)));
        }

        await writer.EndAsync();
        Assert.Equal(["end"], writer.Output);
    }

    [Fact]
    public async Task NoWait_and_Timeout_name_the_item_that_was_not_written()
    {
        _session.Set("q", new AsyncQueue(capacity: 1, name: "small"));

        ScriptRun run = await _session.RunAsync(
            "1, 2, 3 | Write-AsyncQueue $q -NoWait; 4 | Write-AsyncQueue $q -Timeout 1ms; 5 | Write-AsyncQueue $q -Timeout 0");

        Assert.Equal([2, 3, 4, 5], run.Errors.Select(e => e.Target()));
        Assert.Equal(
            ["QueueFull", "QueueFull", "QueueWriteTimeout", "QueueWriteTimeout"],
            run.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(run.Errors, e => Assert.Contains("'small'", e.Exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Writing_to_a_completed_queue_fails_with_the_item()
    {
        _queue.Complete();

        ErrorRecord error = await _session.FailAsync("$ErrorActionPreference = 'Stop'; 1..3 | Write-AsyncQueue $q");

        Assert.Equal("QueueCompleted,AsyncPs.Commands.WriteAsyncQueueCommand", error.FullyQualifiedErrorId);
        Assert.Equal(1, error.Target());
    }

    [Fact]
    public async Task A_writer_that_waits_fails_when_the_queue_is_completed()
    {
        var queue = new AsyncQueue(capacity: 1);
        _session.Set("q", queue);
        ScriptRun writer = _session.Start("$ErrorActionPreference = 'Stop'; try { 1, 2 | Write-AsyncQueue $q } catch { $_.TargetObject }");
        await Condition.UntilAsync(() => queue.WaitingWriters == 1, "the writer waits");

        queue.Complete();

        await writer.EndAsync();
        Assert.Equal([2], writer.Output);
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task A_read_can_end_after_so_many_after_a_time_or_at_once()
    {
        ScriptRun run = await _session.RunAsync("""
            1..5 | Write-AsyncQueue $q
            "$(Read-AsyncQueue $q -Count 2) | $(Read-AsyncQueue $q -NoWait) | $(Read-AsyncQueue $q -NoWait)"
            6 | Write-AsyncQueue $q
            "$(Read-AsyncQueue $q -Timeout 5ms)"
            """);

        Assert.Equal(["1 2 | 3 4 5 | ", "6"], run.Output);
        ErrorRecord error = Assert.Single(run.Errors);
        Assert.Equal("QueueReadTimeout,AsyncPs.Commands.ReadAsyncQueueCommand", error.FullyQualifiedErrorId);
        Assert.Equal(0, _queue.InFlight);
    }

    [Fact]
    public async Task The_error_of_the_producer_reaches_the_reader_after_the_last_item()
    {
        ScriptRun run = await _session.RunAsync("""
            1, 2 | Write-AsyncQueue $q
            try { throw [IO.InvalidDataException]::new('broken') } catch { Complete-AsyncQueue $q -Error $_ }
            try { Read-AsyncQueue $q } catch { "$_ / $($_.Exception.GetType().Name)" }
            """);

        Assert.Equal([1, 2, "broken / InvalidDataException"], run.Output);
    }

    [Fact]
    public async Task An_item_is_done_when_the_pipeline_behind_has_dealt_with_it()
    {
        ScriptRun run = await _session.RunAsync(
            "1..3 | Write-AsyncQueue $q; Complete-AsyncQueue $q; Read-AsyncQueue $q | ForEach-Object { \"$($q.Finished) $($q.InFlight)\" "
                + "}; Wait-AsyncQueue $q; $q.Finished");

        Assert.Equal(["0 1", "1 1", "2 1", 3L], run.Output);
    }

    [Fact]
    public async Task An_item_whose_consumer_fails_goes_back()
    {
        ScriptRun run = await _session.RunAsync("""
            1..3 | Write-AsyncQueue $q
            try { Read-AsyncQueue $q | ForEach-Object { if ($_ -eq 2) { throw 'no' }; $_ } } catch { "$_" }
            Read-AsyncQueue $q -NoWait -ManualAck | ForEach-Object { "$($_.Value) $($_.DeliveryCount)"; $_.Ack() }
            """);

        Assert.Equal([1, "no", "2 2", "3 1"], run.Output);
        Assert.Equal((3, 0), (_queue.Finished, _queue.InFlight));
    }

    [Fact]
    public async Task A_pipeline_that_has_enough_keeps_what_it_was_given()
    {
        ScriptRun run = await _session.RunAsync("""
            1..3 | Write-AsyncQueue $q
            do { Read-AsyncQueue $q | ForEach-Object { $_; break } } while ($false)
            $q.Count
            """);

        Assert.Equal([1, 2], run.Output);
        Assert.Equal((1, 0), (_queue.Finished, _queue.InFlight));
    }

    [Fact]
    public async Task Envelopes_are_settled_by_hand()
    {
        ScriptRun run = await _session.RunAsync("""
            1..3 | Write-AsyncQueue $q; Complete-AsyncQueue $q
            Read-AsyncQueue $q -ManualAck |
                ForEach-Object {
                    "$($_.Value):$($_.DeliveryCount)"; if ($_.Value -eq 2 -and $_.DeliveryCount -lt 3) { $_.Nack() } else { $_.Ack() }
                }
            Wait-AsyncQueue $q -Timeout 10
            """);

        Assert.Equal(["1:1", "2:1", "2:2", "2:3", "3:1"], run.Output);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Envelopes_can_be_kept_after_the_read()
    {
        ScriptRun run = await _session.RunAsync("""
            1..200 | Write-AsyncQueue $q
            $items = Read-AsyncQueue $q -ManualAck -Count 200
            $q.InFlight
            $items.Ack()
            Wait-AsyncQueue $q -Timeout 10
            $q.InFlight
            """);

        Assert.Equal([200L, 0L], run.Output);
    }

    [Fact]
    public async Task Waiting_for_all_ends_with_an_error_after_its_time()
    {
        ScriptRun run = await _session.RunAsync("1 | Write-AsyncQueue $q; Wait-AsyncQueue $q -Timeout 1ms");

        Assert.Equal("QueueWaitTimeout,AsyncPs.Commands.WaitAsyncQueueCommand", Assert.Single(run.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task A_priority_queue_cannot_drop_by_age()
    {
        ErrorRecord error = await _session.FailAsync(
            "$ErrorActionPreference = 'Stop'; New-AsyncQueue -Kind Priority -Capacity 3 -FullMode DropOldest");

        Assert.Equal("QueueModeNotSupported,AsyncPs.Commands.NewAsyncQueueCommand", error.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Read-AsyncQueue $q")]
    [InlineData("Read-AsyncQueue $q -Timeout 60")]
    [InlineData("Read-AsyncQueue $q -ManualAck")]
    [InlineData("Read-AsyncQueue $q | ForEach-Object { $_ }")]
    public async Task A_reader_that_is_stopped_while_it_waits_takes_nothing(string script)
    {
        for (int i = 0; i < 50; i++)
        {
            ScriptRun reader = _session.Start(script);
            await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "the reader waits");
            await reader.StopAsync();
            Assert.Equal(0, _queue.WaitingReaders);
        }

        _queue.TryWrite("x");
        Assert.Equal((1, 0), (_queue.Count, _queue.InFlight));
    }

    [Fact]
    public async Task A_writer_that_is_stopped_while_it_waits_writes_nothing()
    {
        var queue = new AsyncQueue(capacity: 1);
        queue.TryWrite("full");
        _session.Set("q", queue);
        for (int i = 0; i < 50; i++)
        {
            ScriptRun writer = _session.Start("1..3 | Write-AsyncQueue $q");
            await Condition.UntilAsync(() => queue.WaitingWriters == 1, "the writer waits");
            await writer.StopAsync();
            Assert.Equal((0, 1), (queue.WaitingWriters, queue.Count));
        }
    }

    [Fact]
    public async Task An_item_in_the_hands_of_a_pipeline_that_is_stopped_goes_back()
    {
        for (int i = 1; i <= 30; i++)
        {
            Probe probe = _session.NewProbe();
            _queue.TryWrite("x");
            ScriptRun reader = _session.Start("Read-AsyncQueue $q | ForEach-Object { $probe.Enter(); while ($true) { } }");
            await Condition.UntilAsync(() => probe.Running == 1, "the item is being handled");
            Assert.Equal((0, 1), (_queue.Count, _queue.InFlight));
            await reader.StopAsync();

            Assert.Equal((1, 0), (_queue.Count, _queue.InFlight));
            QueueItem item = await _queue.ReadItemAsync(Token);
            Assert.Equal(2, item.DeliveryCount);
            item.Ack();
        }
    }

    [Fact]
    public async Task Envelopes_of_a_reader_that_is_stopped_go_back()
    {
        for (int i = 1; i <= 5; i++)
        {
            _queue.TryWrite(i);
        }

        ScriptRun reader = _session.Start("Read-AsyncQueue $q -ManualAck | ForEach-Object { if ($_.Value -eq 2) { $_.Ack() } }");
        await Condition.UntilAsync(() => _queue.WaitingReaders == 1, "the reader waits");
        await reader.StopAsync();

        Assert.Equal((4, 0, 1), (_queue.Count, _queue.InFlight, _queue.Finished));
        Assert.Equal(1, await _queue.ReadAsync(Token));
    }

    [Fact]
    public async Task A_stop_at_any_moment_loses_nothing_and_repeats_nothing()
    {
        // Finished and remaining items together are all written items, each once.
        int written = 0;
        for (int round = 0; round < 100; round++)
        {
            Probe probe = _session.NewProbe();
            for (int i = 0; i < 200; i++)
            {
                _queue.TryWrite(written++);
            }

            ScriptRun reader = _session.Start("Read-AsyncQueue $q | ForEach-Object { $probe.Produce() }");
            await Condition.UntilAsync(() => probe.Produced > 0, "items are read");
            Thread.SpinWait(round * 100);
            await reader.StopAsync();
            Assert.Equal((written, 0), (_queue.Finished + _queue.Count, _queue.InFlight));
        }

        int[] left = [.. _queue.ReadAll().Cast<int>()];
        Assert.Equal(left.Order(), left);
        Assert.Equal(left.Distinct(), left);
    }

    [Fact]
    public async Task Blocks_share_a_queue_by_reference()
    {
        ScriptRun run = await _session.RunAsync("""
            $results = New-AsyncQueue
            Invoke-Concurrent -ThrottleLimit 4 {
                1..100 | Write-AsyncQueue $using:q; Complete-AsyncQueue $using:q
            }, {
                Read-AsyncQueue $using:q | Write-AsyncQueue $using:results
            }, {
                Read-AsyncQueue $using:q | Write-AsyncQueue $using:results
            }
            Complete-AsyncQueue $results
            Read-AsyncQueue $results
            """);

        Assert.Equal(Enumerable.Range(1, 100).Cast<object>(), run.Output.Order());
        Assert.Empty(run.Errors);
    }
}
