using System.Management.Automation;
using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>The broker ends, with or without a restart.</summary>
public sealed class LossTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    [Fact]
    public async Task Readers_and_writers_go_on_when_the_broker_is_there_again()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "$global:seen = [Collections.Concurrent.ConcurrentBag[int]]::new(); $mq");
        ScriptRun reading = Session.Start("Invoke-Concurrent { $seen.Add($_) } -InputStream $mq -ThrottleLimit 2; $seen | Sort-Object "
            + "-Unique");
        using var other = new ModuleSession(BuiltModule.MessagingManifest);
        other.Set("mq", queue);
        await other.RunAsync("1..100 | Write-AsyncQueue $mq", WaitLimit);

        await Broker.Node.KillAsync();
        await Condition.UntilAsync(() => !queue.IsConnected, "the loss is noticed", WaitLimit);
        ScriptRun writing = other.Start("101..200 | Write-AsyncQueue $mq; Wait-AsyncQueue $mq; Complete-AsyncQueue $mq");
        await Condition.UntilAsync(() => queue.Unconfirmed == 100, "they wait to be sent", WaitLimit);
        Assert.NotNull(queue.Trouble);
        await Broker.Node.StartAsync();

        await writing.EndAsync(WaitLimit);
        await reading.EndAsync(WaitLimit);
        Assert.Empty(writing.Errors);
        Assert.Empty(reading.Errors);
        Assert.Equal(Enumerable.Range(1, 200), reading.Output.Select(Convert.ToInt32));
        Assert.True(queue.Reconnects >= 1);
    }

    // The broker's client waits for room in a buffer that nothing empties any more, and must not keep the writers of the next session.
    [Fact]
    public async Task Writers_go_on_when_the_session_is_lost_while_its_network_takes_no_more()
    {
        using var relay = new TcpRelay(Broker.Node.Port);
        Session.Set("relay", $"amqp://127.0.0.1:{relay.Port}");
        AsyncMessageQueue queue = await QueueAsync("$global:mq = Connect-AsyncMessageQueue $relay -Queue $name; "
            + "'first' | Write-AsyncQueue $mq; $mq");
        relay.Hold();
        ScriptRun writing = Session.Start("1..800 | ForEach-Object { \"$_ \" + 'x' * 20kb } | Write-AsyncQueue $mq");
        await Condition.UntilAsync(() => queue.Unconfirmed == 800, "they wait to be sent", WaitLimit);
        int waiting = -1;
        await Condition.UntilAsync(() => waiting == (waiting = relay.Waiting) && waiting > 0, "the network takes no more", WaitLimit);
        relay.Break(0);

        await writing.EndAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(writing.Errors);
        Assert.Equal("801", await TextAsync("@(Read-AsyncQueue $mq -Count 801 | Sort-Object -Unique).Count"));
    }

    [Fact]
    public async Task What_is_not_confirmed_in_time_is_said_item_by_item()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "$mq");
        await Broker.Node.KillAsync();
        try
        {
            await Condition.UntilAsync(() => !queue.IsConnected, "the loss is noticed", WaitLimit);
            ErrorRecord[] errors = await ErrorsAsync("1..3 | Write-AsyncQueue $mq -Timeout 500ms");

            Assert.Equal(["1", "2", "3"], errors.Select(static error => $"{error.TargetObject}").Order());
            Assert.All(errors, static error
                => Assert.StartsWith("MessageNotConfirmed", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        }
        finally
        {
            await Broker.Node.StartAsync();
        }

        // They were given up, so they must not arrive later.
        await Condition.UntilAsync(() => queue.IsConnected, "it is connected again", WaitLimit);
        Assert.Equal("0", await TextAsync("@(Read-AsyncQueue $mq -NoWait).Count"));
    }

    [Fact]
    public async Task After_the_time_that_a_loss_may_take_readers_get_the_reason()
    {
        AsyncMessageQueue queue = await QueueAsync("$global:mq = Connect-AsyncMessageQueue $broker -Queue $name -ReconnectTimeout 1; $mq");
        ScriptRun reading = Session.Start("try { Read-AsyncQueue $mq } catch { $_.FullyQualifiedErrorId }");
        await Condition.UntilAsync(() => queue.Consumers == 1, "it is read", WaitLimit);
        await Broker.Node.KillAsync();
        try
        {
            await reading.EndAsync(WaitLimit);
            Assert.StartsWith("MessageBrokerLost", Assert.Single(reading.Output)!.ToString(), StringComparison.Ordinal);
            Assert.Equal("Failed", await TextAsync("$mq.State"));
        }
        finally
        {
            await Broker.Node.StartAsync();
        }
    }
}
