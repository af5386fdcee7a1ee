using AsyncPs.Messaging;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>A broker that is short of memory accepts no messages for a while.</summary>
public sealed class BlockedTests(RabbitMqBroker broker) : MessagingTest(broker)
{
    private const string Short = "set_vm_memory_high_watermark absolute 1024";
    private const string Enough = "set_vm_memory_high_watermark 0.6";

    [Fact]
    public async Task Writers_wait_and_see_why_readers_go_on_and_everything_arrives()
    {
        // The broker blocks a connection when something is written on it.
        AsyncMessageQueue queue = await QueueAsync(Mq + "1..3 | Write-AsyncQueue $mq; $mq");
        Assert.Null(queue.BlockedBy);
        using var other = new ModuleSession(BuiltModule.MessagingManifest);
        other.Set("mq", queue);
        ScriptRun writing;
        try
        {
            await Broker.Node.ControlAsync(Short);
            writing = other.Start("4..6 | Write-AsyncQueue $mq");
            await Condition.UntilAsync(() => queue.BlockedBy is not null, "the broker says that it takes nothing", WaitLimit);

            Assert.Contains("memory", queue.BlockedBy, StringComparison.Ordinal);
            Assert.Equal(3, queue.Unconfirmed);
            Assert.False(writing.HasEnded);
            Assert.Contains("BlockedBy      : low on memory", await TextAsync("$mq | Format-List | Out-String"), StringComparison.Ordinal);
            Assert.Equal("1 2 3", await TextAsync("Read-AsyncQueue $mq -Count 3"));
        }
        finally
        {
            await Broker.Node.ControlAsync(Enough);
        }

        await writing.EndAsync(WaitLimit);
        Assert.Empty(writing.Errors);
        Assert.Null(queue.BlockedBy);
        Assert.Equal("4 5 6", await TextAsync("Read-AsyncQueue $mq -Count 3 -Timeout 60"));
    }

    [Fact]
    public async Task A_writer_with_a_time_out_says_which_messages_the_broker_has_not_taken()
    {
        AsyncMessageQueue queue = await QueueAsync(Mq + "1 | Write-AsyncQueue $mq; $mq");
        try
        {
            await Broker.Node.ControlAsync(Short);
            var errors = await ErrorsAsync("2..4 | Write-AsyncQueue $mq -Timeout 2");

            Assert.Equal(["2", "3", "4"], errors.Select(static error => $"{error.TargetObject}").Order());
            Assert.All(errors, static error
                => Assert.StartsWith("MessageNotConfirmed", error.FullyQualifiedErrorId, StringComparison.Ordinal));
            Assert.NotNull(queue.BlockedBy);
        }
        finally
        {
            await Broker.Node.ControlAsync(Enough);
        }
    }
}
