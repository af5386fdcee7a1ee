using AsyncPs.Messaging;
using AsyncPs.Tests.Data;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Views in a console of 80 columns, and Tab completion.</summary>
public sealed class ViewTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const string Show = """
        function Show($object, $as) {
            $text = $object | & "Format-$as" | Out-String -Width 79
            $text -split '\r?\n' | ForEach-Object { if ($_.TrimEnd().Length -gt 79) { throw "too wide: $_" } }
            ($text -replace ' +', ' ').Trim()
        }

        """;

    [Fact]
    public async Task A_queue_shows_its_depth_consumers_what_is_unacknowledged_and_what_is_done()
        => Assert.Equal(
            $"{Name} Open True 2 1 1 2",
            await TextAsync(Mq + Show + """
                1..5 | Write-AsyncQueue $mq
                $mq = Connect-AsyncMessageQueue $broker -Queue $name -Prefetch 1
                $line = Read-AsyncQueue $mq -Count 3 | ForEach-Object {
                    if ($_ -eq 3) { while ($mq.Finished -lt 2) { Start-Sleep -Milliseconds 10 }; ((Show $mq Table) -split '\n')[-1] }
                }
                $line
                """));

    [Fact]
    public async Task The_list_of_a_queue_has_what_applies_to_it_and_its_rates()
    {
        string list = await TextAsync(Mq + Show + """
            1..5 | Write-AsyncQueue $mq
            Complete-AsyncQueue $mq
            Read-AsyncQueue $mq | Out-Null
            Wait-AsyncQueue $mq
            while ($mq.ReadRate -eq 0) { Start-Sleep -Milliseconds 20 }
            Show $mq List
            """);

        Assert.Contains($"Name : {Name}", list, StringComparison.Ordinal);
        Assert.Contains("State : Ended", list, StringComparison.Ordinal);
        Assert.Contains("Finished : 5", list, StringComparison.Ordinal);
        Assert.Contains("Written : 5", list, StringComparison.Ordinal);
        Assert.Matches(@"ReadRate : [\d.]+/s", list);
        Assert.DoesNotContain("BlockedBy", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Trouble", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Exchange", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_shows_its_exchange_and_topics_and_a_loss_its_reason()
    {
        AsyncMessageQueue queue = await QueueAsync(
            "$global:mq = Connect-AsyncMessageQueue $broker -Exchange $name -Topic 'a.*', 'b.#'; $mq");
        string list = await TextAsync(Show + "Show $mq List");
        Assert.Contains($"Exchange : {Name}", list, StringComparison.Ordinal);
        Assert.Contains("Topic : a.*, b.#", list, StringComparison.Ordinal);

        await Broker.Node.KillAsync();
        try
        {
            await Condition.UntilAsync(() => queue.Trouble is not null, "the loss is noticed", WaitLimit);
            list = await TextAsync(Show + "Show $mq List; Show $mq Table");
            Assert.Contains("IsConnected : False", list, StringComparison.Ordinal);
            Assert.Contains("Trouble : ", list, StringComparison.Ordinal);
        }
        finally
        {
            await Broker.Node.StartAsync();
        }
    }

    [Fact]
    public async Task A_message_shows_its_topic_deliveries_time_and_body()
    {
        string shown = await TextAsync(Show + """
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -AsMessage
            [pscustomobject] @{ Id = 7; Name = 'a' } | Write-AsyncQueue $mq -Header @{ from = 'test' } -CorrelationId c1
            $message = Read-AsyncQueue $mq -Count 1
            Show $message Table
            Show $message List
            """);

        Assert.Matches($@"{Name} 1 \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d @\{{Id=7; Name=a\}}", shown);
        Assert.Contains("Headers : @{from=test}", shown, StringComparison.Ordinal);
        Assert.Contains("CorrelationId : c1", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("ReplyTo", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connect-AsyncMessageQueue -ExchangeKind ", "Direct Fanout Topic")]
    [InlineData("Connect-AsyncMessageQueue -As ", "Auto Bytes Json Text")]
    [InlineData("Connect-AsyncMessageQueue amqp://localhost -Queue q -RetryDelay 30", "30s 30ms 30m 30h 30d")]
    [InlineData("Connect-AsyncMessageQueue a", "amqp://localhost amqps://localhost:5671")]
    [InlineData("Connect-AsyncMessageQueue amqps", "amqps://localhost:5671")]
    [InlineData("Connect-AsyncMessageQueue amqp://localhost -Queue QUEUE", "QUEUE QUEUE.dead")]
    [InlineData("Read-AsyncQueue ", "$mq")]
    [InlineData("Invoke-Concurrent { } -InputStream ", "$mq")]
    public async Task Tab_offers(string typed, string offered)
    {
        Session.Set("typed", typed.Replace("QUEUE", Name, StringComparison.Ordinal));

        Assert.Equal(
            offered.Replace("QUEUE", Name, StringComparison.Ordinal),
            await TextAsync(Mq + CompletionScripts.Function + "Complete $typed"));
    }
}
