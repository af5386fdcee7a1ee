using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Messaging.Publishing;
using AsyncPs.Queues;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Sending, sending again, and back-pressure, on a broker that does what the test says.</summary>
public sealed class PublisherTests : IAsyncLifetime
{
    private readonly FakeDriver _driver = new();
    private readonly SessionKeeper _keeper;
    private readonly Publisher _publisher;
    private readonly Told _told = new();

    public PublisherTests()
    {
        Publisher? publisher = null;
        _keeper = new SessionKeeper(_driver, Timeout.InfiniteTimeSpan)
        {
            Opened = session => publisher!.Opened(session),
            Lost = end => publisher!.Lost(end),
            Failed = failure => publisher!.Fail(failure.Message),
        };
        _publisher = publisher = new Publisher("q", _keeper);
    }

    public async ValueTask InitializeAsync() => await _keeper.OpenAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    [Fact]
    public async Task What_was_not_confirmed_is_sent_again_in_its_order_and_first()
    {
        FakeSession first = _driver.Session;
        Write("a", "b", "c");
        await Condition.UntilAsync(() => first.Sent.Count == 3, "all are sent");
        first.Sent[1].Ended(SendResult.Confirmed);

        first.Lose();
        Write("d");
        FakeSession second = await _driver.NextAsync(first);

        await Condition.UntilAsync(() => second.Sent.Count == 3, "they are sent again");
        Assert.Equal(["a", "c", "d"], second.Sent.Select(static m => m.Topic));
        second.Sent.ForEach(static message => message.Ended(SendResult.Confirmed));
        await Condition.UntilAsync(() => _told.Count == 4, "all are known");
        Assert.Equal(0, _publisher.Unconfirmed);
        Assert.All(_told.Errors, Assert.Null);
    }

    [Fact]
    public async Task A_confirm_of_the_session_that_was_lost_may_come_late_and_counts_once()
    {
        FakeSession first = _driver.Session;
        Write("a");
        await Condition.UntilAsync(() => first.Sent.Count == 1, "it is sent");
        first.Lose();
        FakeSession second = await _driver.NextAsync(first);
        await Condition.UntilAsync(() => second.Sent.Count == 1, "it is sent again");

        first.Sent[0].Ended(SendResult.Confirmed);
        second.Sent[0].Ended(SendResult.Confirmed);

        Assert.Equal(1, _publisher.Confirmed);
        Assert.Equal(1, _told.Count);
    }

    [Fact]
    public async Task What_cannot_be_sent_at_the_moment_is_sent_later_on_the_same_session_and_in_its_order()
    {
        FakeSession session = _driver.Session;
        int attempts = 0;
        session.Sending = message =>
        {
            if (message.Topic == "a" && ++attempts < 3)
            {
                throw new IOException("no channel is free");
            }
        };

        Write("a", "b");
        await Condition.UntilAsync(() => session.Sent.Count == 2, "both are sent");

        Assert.Equal(["a", "b"], session.Sent.Select(static m => m.Topic));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task What_may_not_be_sent_is_an_error_and_the_others_are_sent()
    {
        FakeSession session = _driver.Session;
        session.Sending = static message =>
        {
            if (message.Topic == "bad")
            {
                throw new UnauthorizedAccessException("not for this user");
            }
        };

        Write("a", "bad", "b");
        await Condition.UntilAsync(() => session.Sent.Count == 2 && _told.Count == 1, "the others are sent");

        Assert.Equal(["a", "b"], session.Sent.Select(static m => m.Topic));
        Assert.Contains("not for this user", Assert.Single(_told.Errors)!.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_message_that_the_broker_refuses_is_found_and_the_others_are_sent()
    {
        _driver.Refuses = "bad";
        FakeSession first = _driver.Session;
        Write("a", "bad", "b");
        await Condition.UntilAsync(() => first.Sent.Count == 3, "all are sent");
        first.Lose(refusedMessage: true);

        // From now on each session confirms its messages, and is lost at that one message.
        await Condition.UntilAsync(() => _told.Count == 3, "all are known");
        Assert.Equal("MessageRefused", Assert.Single(_told.Errors, static error => error is not null)!.FullyQualifiedErrorId);
        Assert.Equal("bad", _told.Messages.Single(static told => told.Error is not null).Message.Topic);
        Assert.Equal(2, _publisher.Confirmed);
    }

    [Fact]
    public async Task No_more_than_so_many_are_under_way_and_a_confirm_makes_room()
    {
        FakeSession session = _driver.Session;
        while (Write("x") == WriteOutcome.Written)
        {
        }

        Assert.Equal(1000, _publisher.Unconfirmed);
        Task room = _publisher.WaitForRoomAsync(CancellationToken.None).AsTask();
        Assert.False(room.IsCompleted);
        await Condition.UntilAsync(() => session.Sent.Count == 1000, "all are sent");
        session.Sent[0].Ended(SendResult.Confirmed);
        await room.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(WriteOutcome.Written, Write("y"));
    }

    [Fact]
    public async Task What_is_completed_takes_nothing_and_wakes_who_waits()
    {
        while (Write("x") == WriteOutcome.Written)
        {
        }

        Task room = _publisher.WaitForRoomAsync(CancellationToken.None).AsTask();
        _publisher.Complete();

        await room.WaitAsync(Condition.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(WriteOutcome.Completed, Write("y"));
    }

    [Fact]
    public void What_is_given_up_is_told_of_with_its_item()
    {
        Write("a", "b");
        _publisher.Fail("it is over.");

        Assert.Equal(["a", "b"], _told.Errors.Select(static error => error!.TargetObject));
        Assert.All(_told.Errors, static error => Assert.Equal("MessageNotConfirmed", error!.FullyQualifiedErrorId));
    }

    private WriteOutcome Write(params string[] topics)
    {
        WriteOutcome outcome = WriteOutcome.Written;
        foreach (string topic in topics)
        {
            outcome = _publisher.Write(new QueuedMessage(
                _publisher, _told) { Item = topic, Topic = topic, Exchange = "", Body = default, Properties = new MessageProperties() });
        }

        return outcome;
    }

    private sealed class Told : IMessageOwner
    {
        private readonly List<(QueuedMessage Message, System.Management.Automation.ErrorRecord? Error)> _all = [];

        public (QueuedMessage Message, System.Management.Automation.ErrorRecord? Error)[] Messages
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public int Count => Messages.Length;

        public IEnumerable<System.Management.Automation.ErrorRecord?> Errors => Messages.Select(static told => told.Error);

        public void Ended(QueuedMessage message, System.Management.Automation.ErrorRecord? error)
        {
            lock (_all)
            {
                _all.Add((message, error));
            }
        }

        public void AnswerLost(QueuedMessage message)
        {
        }
    }
}
