using System.Management.Automation;
using AsyncPs.Tests.Messaging.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Messages with properties, requests with answers, and publishing to subscribers.</summary>
public sealed class MessageTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const string Messages = "$global:mq = Connect-AsyncMessageQueue $broker -Queue $name -AsMessage\n";

    [Fact]
    public async Task Properties_come_as_they_were_written()
        => Assert.Equal("v|7|True|a b|2|application/x-test|00:10:00|c1|r1|1|True", await TextAsync(Messages + """
            $header = @{ text = 'v'; number = 7; truth = $true; list = 'a', 'b'; table = @{ inner = 2 } }
            $properties = @{ ContentType = 'application/x-test'; Expiration = '10m'; CorrelationId = 'c1'; ReplyTo = 'r1' }
            Write-AsyncQueue $mq -InputObject ([byte[]] 1) -Header $header @properties
            $m = Read-AsyncQueue $mq -Count 1 -Timeout 60
            $h = $m.Headers
            $own = $m.ContentType, $m.Expiration, $m.CorrelationId, $m.ReplyTo, $m.DeliveryCount
            $isNew = $m.Timestamp -gt [DateTimeOffset]::Now.AddMinutes(-10)
            (@($h.text, $h.number, $h.truth, "$($h.list)", $h.table.inner) + $own + $isNew) -join '|'
            """));

    [Fact]
    public async Task A_message_has_its_own_properties_before_those_of_the_command()
        => Assert.Equal("own/mine/given/id1", await TextAsync(Messages + """
            $message = [AsyncPs.Messaging.QueueMessage] @{ Body = 'own'; Headers = @{ h = 'mine' }; MessageId = 'id1' }
            $message | Write-AsyncQueue $mq -Header @{ h = 'given' } -CorrelationId given
            Read-AsyncQueue $mq -Count 1 -Timeout 60 | ForEach-Object { "$($_.Body)/$($_.Headers.h)/$($_.CorrelationId)/$($_.MessageId)" }
            """));

    [Fact]
    public async Task The_lower_a_priority_the_sooner_it_is_read()
        => Assert.Equal("urgent usual1 usual2", await TextAsync("""
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -MaxPriority 9
            'usual1' | Write-AsyncQueue $mq
            'usual2' | Write-AsyncQueue $mq -Priority 3
            'urgent' | Write-AsyncQueue $mq -Priority -5
            Read-AsyncQueue $mq -NoWait
            """));

    [Fact]
    public async Task What_has_expired_is_not_read()
        => Assert.Equal("stays", await TextAsync(Mq + """
            'goes' | Write-AsyncQueue $mq -Expiration 1ms
            while ($mq.Count) { }
            'stays' | Write-AsyncQueue $mq
            Read-AsyncQueue $mq -NoWait
            """));

    [Fact]
    public async Task Requests_get_their_answers()
        => Assert.Equal("2 4 6 8 10", await TextAsync(Messages + """
            $job = Start-Throttled { $_.Reply($_.Body * 2) } -InputStream $mq -ThrottleLimit 3
            $asks = Connect-AsyncMessageQueue $broker -Queue $name
            1..5 | Write-AsyncQueue $asks -Reply -Timeout 60 | Sort-Object
            Complete-AsyncQueue $mq
            $job | Receive-Job -Wait -AutoRemoveJob
            """));

    [Fact]
    public async Task A_request_that_nobody_answers_is_an_error_with_its_item()
    {
        ErrorRecord error = Assert.Single(await ErrorsAsync(Mq + "7 | Write-AsyncQueue $mq -Reply -Timeout 500ms"));

        Assert.StartsWith("MessageNotAnswered", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("7", $"{error.TargetObject}");
    }

    [Fact]
    public async Task Subscribers_get_what_is_published_under_their_topics()
        => Assert.Equal("orders.created/1 orders.paid.late/2 | orders.created/1", await TextAsync("""
            $all = Connect-AsyncMessageQueue $broker -Exchange $name -Topic 'orders.#' -AsMessage
            $created = Connect-AsyncMessageQueue $broker -Exchange $name -Topic 'orders.*' -Queue "$name-q" -AsMessage
            $publish = Connect-AsyncMessageQueue $broker -Exchange $name
            1 | Write-AsyncQueue $publish -Topic orders.created
            2 | Write-AsyncQueue $publish -Topic orders.paid.late
            3 | Write-AsyncQueue $publish -Topic other
            $a = Read-AsyncQueue $all -Count 2 -Timeout 60 | ForEach-Object { "$($_.Topic)/$($_.Body)" }
            $b = Read-AsyncQueue $created -NoWait | ForEach-Object { "$($_.Topic)/$($_.Body)" }
            "$a | $b"
            """));

    [Fact]
    public async Task All_get_what_is_published_by_fan_out()
        => Assert.Equal("1 1", await TextAsync("""
            $a = Connect-AsyncMessageQueue $broker -Exchange $name -ExchangeKind Fanout -Queue "$name-a"
            $b = Connect-AsyncMessageQueue $broker -Exchange $name -ExchangeKind Fanout -Queue "$name-b"
            1 | Write-AsyncQueue $a
            Read-AsyncQueue $a -Count 1 -Timeout 60
            Read-AsyncQueue $b -Count 1 -Timeout 60
            """));

    [Fact]
    public async Task What_is_written_to_a_queue_that_was_deleted_is_an_error()
    {
        // A private queue ends with its connection.
        ErrorRecord error = Assert.Single(await ErrorsAsync("""
            $mine = Connect-AsyncMessageQueue $broker -Exchange $name -Topic '#'
            $property = [AsyncPs.Messaging.AsyncMessageQueue].GetProperty('QueueName', [Reflection.BindingFlags] 'NonPublic,Instance')
            $address = $property.GetValue($mine)
            $mq = Connect-AsyncMessageQueue $broker -Queue $name -AsMessage
            'x' | Write-AsyncQueue $mq -ReplyTo $address
            $mine.Dispose()
            Complete-AsyncQueue $mq
            Invoke-Concurrent { $_.Reply('too late') } -InputStream $mq
            """));

        Assert.StartsWith("MessageUnroutable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_full_queue_does_not_take_is_an_error_with_its_item()
    {
        ErrorRecord[] errors = await ErrorsAsync($$"""
            $mq = Connect-AsyncMessageQueue $broker -Queue "{{RabbitMqNode.FullPrefix}}$name"
            1..4 | ForEach-Object { $_ | Write-AsyncQueue $mq }
            """);

        Assert.NotEmpty(errors);
        Assert.All(errors, static error => Assert.StartsWith("MessageRejected", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal("4", $"{errors[^1].TargetObject}");
    }

    [Fact]
    public async Task What_cannot_be_JSON_is_an_error_and_the_rest_is_written()
    {
        ErrorRecord error = Assert.Single(await ErrorsAsync(Mq + "$deep = @{}; $deep.self = $deep; 1, $deep, 2 | ForEach-Object { "
            + "Write-AsyncQueue $mq -InputObject $_ }"));

        Assert.StartsWith("MessageBodyInvalid", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("1 2", await TextAsync("Read-AsyncQueue $mq -NoWait"));
    }
}
