using System.Management.Automation;
using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>How a message is settled, by the result of its item.</summary>
public sealed class DeliveryTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const string Dead = "$dead = Connect-AsyncMessageQueue $broker -Queue \"$name.dead\" -AsMessage\n";

    [Fact]
    public async Task A_failed_message_goes_to_the_dead_letters_with_the_reason_and_the_others_do_not()
    {
        ScriptRun run = await Session.RunAsync(Mq + Dead + """
            1..5 | Write-AsyncQueue $mq -Header @{ from = 'test' }
            Complete-AsyncQueue $mq
            Invoke-Concurrent { if ($_ -eq 3) { throw "not $_" } $_ } -InputStream $mq -ThrottleLimit 1
            Wait-AsyncQueue $mq -Timeout 60
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 60
            $h = $letter.Headers
            "$($letter.Body) $($h['x-failed-reason']) $($h['x-failed-queue'] -eq $name) $($h['x-failed-deliveries']) $($h['from'])"
            "$($mq.Finished) $($mq.DeadLettered) $($mq.Count)"
            """, WaitLimit);

        Assert.Equal([1L, 2L, 4L, 5L, "3 not 3 True 1 test", "4 1 0"], run.Output);
        Assert.Equal("not 3", Assert.Single(run.Errors).Exception.Message);
    }

    [Theory]
    [InlineData("Write-Error 'no'")]
    [InlineData("Get-Item /no/such/file")]
    [InlineData("[Threading.Tasks.Task]::FromException([InvalidOperationException]::new('no'))")]
    public async Task What_writes_an_error_has_failed(string block)
    {
        await Session.RunAsync(Mq + $$"""
            1 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            Invoke-Concurrent { {{block}} } -InputStream $mq -ErrorAction SilentlyContinue
            """, WaitLimit);

        Assert.Equal("1", await TextAsync(Dead + "Read-AsyncQueue $dead -Count 1 -Timeout 60 | ForEach-Object Body"));
    }

    [Fact]
    public async Task What_is_too_slow_has_failed_and_what_succeeds_after_retries_has_not()
    {
        await Session.RunAsync(Mq + """
            'slow', 'again' | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            $tries = [Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
            Invoke-Concurrent -InputStream $mq -ItemTimeout 2 -RetryCount 1 -RetryDelay 10ms -ErrorAction SilentlyContinue {
                if ($_ -eq 'slow') { Start-Sleep 100 }
                if ($tries.AddOrUpdate($_, 1, { 2 }) -eq 1) { throw 'first' }
            }
            """, WaitLimit);

        Assert.Equal("slow 1", await TextAsync(Dead + "Read-AsyncQueue $dead -Count 1 -Timeout 60 | ForEach-Object Body; $mq.Finished"));
    }

    [Fact]
    public async Task A_batch_succeeds_or_fails_as_one()
    {
        await Session.RunAsync(Mq + "1..4 | Write-AsyncQueue $mq; Complete-AsyncQueue $mq; Invoke-Concurrent { if ($_ -contains 2) { "
            + "throw 'no' } } -InputStream $mq -BatchSize 2 -ErrorAction SilentlyContinue", WaitLimit);

        Assert.Equal("1,2 2", await TextAsync(Dead + "((Read-AsyncQueue $dead -Count 2 -Timeout 60).Body | Sort-Object) -join ','; "
            + "$mq.Finished"));
    }

    [Fact]
    public async Task Without_dead_letters_a_failed_message_is_dropped_and_no_queue_is_made_for_them()
    {
        await Session.RunAsync("$global:mq = Connect-AsyncMessageQueue $broker -Queue $name -DeadLetter:$false; 1 | Write-AsyncQueue "
            + "$mq; Complete-AsyncQueue $mq; Invoke-Concurrent { throw 'no' } -InputStream $mq -ErrorAction SilentlyContinue; "
            + "Wait-AsyncQueue $mq", WaitLimit);
        ErrorRecord error = await Session.FailStatementAsync("Connect-AsyncMessageQueue $broker -Queue \"$name.dead\" -Existing");

        Assert.StartsWith("MessageQueueNotFound", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("0 1", await TextAsync("$mq.Count; $mq.DeadLettered"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Quorum")]
    public async Task A_failed_message_comes_again_later_until_it_was_delivered_too_often(string kind)
        => Assert.Equal("1 2 3 3 dead 3 2", await TextAsync($$"""
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -RetryDelay 200ms -MaxDeliveries 3 -AsMessage {{kind}}
            $dead = Connect-AsyncMessageQueue $broker -Queue "$name.dead" -AsMessage {{kind}}
            'dead' | Write-AsyncQueue $mq
            $job = Start-Throttled { $_.DeliveryCount; throw 'no' } -InputStream $mq
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 100
            Complete-AsyncQueue $mq
            ($job | Receive-Job -Wait -AutoRemoveJob -ErrorAction SilentlyContinue)
            $letter.Headers['x-failed-deliveries']; $letter.Body; $mq.Received; $mq.Retried
            """));

    [Fact]
    public async Task A_message_that_comes_back_too_often_is_not_handed_out_again()
        => Assert.Equal("1 2 dead It was delivered 2 times; -MaxDeliveries is 2.", await TextAsync("""
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -MaxDeliveries 2 -Quorum
            $dead = Connect-AsyncMessageQueue $broker -Queue "$name.dead" -AsMessage -Quorum
            'dead' | Write-AsyncQueue $mq
            $reader = Start-Throttled { Read-AsyncQueue $mq -ManualAck | ForEach-Object { $_.DeliveryCount; $_.Nack() } }
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 60
            Stop-Job $reader

            # One reader all the time: the broker also counts what is fetched ahead and given back when a reader leaves.
            Receive-Job $reader; $letter.Body; $letter.Headers['x-failed-reason']
            """));

    [Fact]
    public async Task Envelopes_are_settled_by_hand()
        => Assert.Equal("a 1, a 2, b 1, c 1, b 2 dead c 0", await TextAsync(Mq + Dead + """
            'a', 'b', 'c' | Write-AsyncQueue $mq
            $seen = Read-AsyncQueue $mq -Count 5 -ManualAck -Timeout 60 | ForEach-Object {
                "$($_.Value) $($_.DeliveryCount)"
                if ("$($_.Value) $($_.DeliveryCount)" -eq 'a 1') { $_.Nack() }
                elseif ("$($_.Value) $($_.DeliveryCount)" -eq 'b 1') { $_.Nack($true) }
                elseif ($_.Value -eq 'c') { $_.Fail('of no use') }
                else { $_.Ack() }
            }
            ($seen | Sort-Object { [array]::IndexOf(@('a 1', 'a 2', 'b 1', 'c 1', 'b 2'), $_) }) -join ', '
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 60
            'dead'; $letter.Body
            Wait-AsyncQueue $mq -Timeout 60
            $mq.Count
            """));

    [Fact]
    public async Task What_was_stopped_comes_again_and_is_the_first()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "'first', 'second' | Write-AsyncQueue $mq; $mq");
        ScriptRun run = Session.Start("Invoke-Concurrent { if ($_ -eq 'first') { Start-Sleep 100 } } -InputStream $mq -ThrottleLimit 1");
        await Condition.UntilAsync(() => queue.InFlight == 1, "it runs", WaitLimit);

        await run.StopAsync();

        await Condition.UntilAsync(() => queue.Returned >= 1, "it was returned", WaitLimit);
        Assert.Equal("first 2", await TextAsync("$mq.Dispose(); $mq = Connect-AsyncMessageQueue $broker -Queue $name -AsMessage; "
            + "Read-AsyncQueue $mq -Count 1 -Timeout 60 | ForEach-Object { $_.Body; $_.DeliveryCount }"));
    }

    [Fact]
    public async Task What_a_pipeline_fails_on_comes_again()
    {
        await Session.FailAsync(Mq + "'a' | Write-AsyncQueue $mq; Read-AsyncQueue $mq | ForEach-Object { throw 'no' }");

        Assert.Equal("a", await TextAsync("Read-AsyncQueue $mq -Count 1 -Timeout 60"));
    }

    [Fact]
    public async Task What_cannot_be_read_goes_to_the_dead_letters()
        => Assert.Equal("good 1 True", await TextAsync("""
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -As Json
            $dead = Connect-AsyncMessageQueue $broker -Queue "$name.dead" -AsMessage
            Write-AsyncQueue $mq -InputObject '{ not json'
            Write-AsyncQueue $mq -InputObject '"good"'
            Read-AsyncQueue $mq -Count 1 -Timeout 60
            $letter = Read-AsyncQueue $dead -Count 1 -Timeout 60
            $mq.DeadLettered
            $letter.Headers['x-failed-reason'] -like 'Its body cannot be read.*'
            """));

    [Fact]
    public async Task Closing_a_queue_gives_back_what_is_with_its_readers()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "1..3 | Write-AsyncQueue $mq; $mq");
        ScriptRun run = Session.Start("Invoke-Concurrent { Start-Sleep 100 } -InputStream $mq -ThrottleLimit 1");
        await Condition.UntilAsync(() => queue.InFlight == 1, "it runs", WaitLimit);

        await queue.DisposeAsync();
        await run.StopAsync();

        Assert.Equal("1 2 3", await TextAsync("$mq = Connect-AsyncMessageQueue $broker -Queue $name; Read-AsyncQueue $mq -Count 3 "
            + "-Timeout 60"));
    }
}
