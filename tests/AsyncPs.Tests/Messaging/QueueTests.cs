using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>A queue of a broker works with the cmdlets for queues in memory.</summary>
public sealed class QueueTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    [Fact]
    public async Task What_is_written_is_read_in_its_order_and_as_what_it_was()
        => Assert.Equal("text|bytes 1 2|7|2.5|True|x 1 2|null|2024-05-06 Ended", await TextAsync(Mq + """
            $all = 'text', [byte[]] (1, 2), 7, 2.5, $true, [pscustomobject] @{ a = 'x'; b = 1, 2 }, $null, [datetime] '2024-05-06'
            $all | ForEach-Object { Write-AsyncQueue $mq -InputObject $_ }
            Complete-AsyncQueue $mq
            $read = Read-AsyncQueue $mq | ForEach-Object {
                if ($null -eq $_) { 'null' }
                elseif ($_ -is [byte[]]) { "bytes $_" }
                elseif ($_ -is [datetime]) { $_.ToString('yyyy-MM-dd') }
                elseif ($_.a) { "$($_.a) $($_.b)" }
                else { "$_" }
            }
            $read -join '|'
            $mq.State
            """));

    [Fact]
    public async Task A_message_is_gone_once_its_item_has_ended_and_not_before()
        => Assert.Equal("1 0 10 0", await TextAsync(Mq + """
            'a' | Write-AsyncQueue $mq
            Read-AsyncQueue $mq -Count 1 | ForEach-Object { $mq.InFlight; $mq.Count }
            1..10 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            @(Invoke-Concurrent { $_ } -InputStream $mq -ThrottleLimit 3).Count
            $other = Connect-AsyncMessageQueue $broker -Queue $name
            $other.Count
            """));

    [Fact]
    public async Task Jobs_streams_and_batches_read_it()
        => Assert.Equal("30 6 4-4-2 12", await TextAsync(Mq + """
            $jobs = Start-Throttled { $_ * 2 } -InputStream $mq -ThrottleLimit 2
            1..5 | Write-AsyncQueue $mq
            Wait-AsyncQueue $mq -Timeout 60
            Complete-AsyncQueue $mq
            ($jobs | Receive-Job -Wait -AutoRemoveJob | Measure-Object -Sum).Sum
            $mq = Connect-AsyncMessageQueue $broker -Queue $name
            1..3 | Write-AsyncQueue $mq
            (Read-AsyncStream $mq -Count 3 -Timeout 60 | Measure-Object -Sum).Sum
            1..10 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            (Group-AsyncBatch 4 -InputStream $mq | ForEach-Object { $_.Count }) -join '-'
            $mq = Connect-AsyncMessageQueue $broker -Queue $name
            1..3 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            (Invoke-Concurrent { ($_ | Measure-Object -Sum).Sum * 2 } -InputStream $mq -BatchSize 10) -join '+'
            """));

    [Fact]
    public async Task Reading_without_waiting_takes_what_there_is_and_nothing_ahead()
        => Assert.Equal("<> 1,2 0 3 <4,5>", await TextAsync(Mq + """
            "<$(Read-AsyncQueue $mq -NoWait)>"
            1..5 | Write-AsyncQueue $mq
            (Read-AsyncQueue $mq -NoWait -Count 2) -join ','
            $mq.Ahead
            Read-AsyncQueue $mq -NoWait -Count 1
            $other = Connect-AsyncMessageQueue $broker -Queue $name
            "<$((Read-AsyncQueue $other -NoWait) -join ',')>"
            """));

    [Fact]
    public async Task Clearing_drops_what_waits_and_says_how_many()
        => Assert.Equal("3 0 <>", await TextAsync(Mq + """
            1..3 | Write-AsyncQueue $mq
            Clear-AsyncQueue $mq -WhatIf
            $mq.Count
            Clear-AsyncQueue $mq
            Start-Sleep -Milliseconds 60
            $mq.Count
            "<$(Read-AsyncQueue $mq -NoWait)>"
            """));

    [Fact]
    public async Task Waiting_is_over_when_the_queue_is_empty_and_nothing_is_with_a_reader()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "1..3 | Write-AsyncQueue $mq; $mq");
        ScriptRun waiting = Session.Start("Wait-AsyncQueue $mq; $mq.Finished");
        using var other = new ModuleSession(BuiltModule.MessagingManifest);
        other.Set("mq", queue);
        Assert.False(waiting.HasEnded);

        await other.RunAsync("Read-AsyncQueue $mq -Count 3 | Out-Null", WaitLimit);
        await waiting.EndAsync(WaitLimit);

        Assert.Equal([3L], waiting.Output);
    }

    [Fact]
    public async Task Readers_that_wait_end_when_the_queue_is_completed_and_writers_are_refused()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "$mq");
        ScriptRun reading = Session.Start("Invoke-Concurrent { $_ } -InputStream $mq -ThrottleLimit 4; 'ended'");
        using var other = new ModuleSession(BuiltModule.MessagingManifest);
        other.Set("mq", queue);
        await Condition.UntilAsync(() => queue.Consumers == 1, "it is read", WaitLimit);

        Assert.StartsWith("QueueCompleted", (await other.FailStatementAsync("1..5 | Write-AsyncQueue $mq; Complete-AsyncQueue $mq; 6 | "
            + "Write-AsyncQueue $mq")).FullyQualifiedErrorId, StringComparison.Ordinal);
        await reading.EndAsync(WaitLimit);
        Assert.Equal(["1", "2", "3", "4", "5", "ended"], reading.Output.Select(static o => $"{o}").Order());
    }

    [Fact]
    public async Task An_error_that_it_was_completed_with_comes_after_the_last_message()
    {
        var error = await Session.FailStatementAsync(Mq + "1 | Write-AsyncQueue $mq; Complete-AsyncQueue $mq -Error 'no more'; "
            + "Read-AsyncQueue $mq | ForEach-Object { $global:last = $_ }");

        Assert.Equal("no more", error.Exception.Message);
        Assert.Equal("1", await TextAsync("$last"));
    }

    [Fact]
    public async Task What_was_delivered_ahead_goes_back_when_nobody_reads_any_more()
    {
        await RunAsync(Mq + "1..20 | Write-AsyncQueue $mq; $null = Read-AsyncQueue $mq -Count 1");
        AsyncMessageQueue other = await QueueAsync("$global:other = Connect-AsyncMessageQueue $broker -Queue $name; $other");

        await Condition.UntilAsync(() => other.Count == 19, "the rest is back", WaitLimit);
        Assert.Equal("2,3,4", await TextAsync("(Read-AsyncQueue $other -Count 3) -join ','"));
    }

    [Fact]
    public async Task Several_processes_share_a_queue_and_each_message_is_read_once()
        => Assert.Equal("200 200", await TextAsync(Mq + """
            $second = Connect-AsyncMessageQueue $broker -Queue $name -Prefetch 1
            1..200 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            Complete-AsyncQueue $second
            $all = Invoke-Concurrent { Read-AsyncQueue $using:mq }, { Read-AsyncQueue $using:second }
            $all.Count
            @($all | Sort-Object -Unique).Count
            """));
}
