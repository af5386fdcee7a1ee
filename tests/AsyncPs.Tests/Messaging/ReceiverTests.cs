using AsyncPs.Messaging;
using AsyncPs.Messaging.Connections;
using AsyncPs.Messaging.Drivers;
using AsyncPs.Messaging.Receiving;
using AsyncPs.Queues;
using AsyncPs.Tests.Messaging.Support;
using AsyncPs.Tests.Support;
using Xunit;

namespace AsyncPs.Tests.Messaging;

/// <summary>Readers get the delivered messages despite all faults, on a broker that does what the test says.</summary>
public sealed class ReceiverTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly FakeDriver _driver = new();
    private readonly SessionKeeper _keeper;
    private readonly Settler _settler;
    private readonly Receiver _receiver;

    public ReceiverTests()
    {
        Receiver? receiver = null;
        _keeper = new SessionKeeper(_driver, Timeout.InfiniteTimeSpan)
        {
            Opened = _ => receiver!.Opened(),
            Lost = _ => receiver!.Lost(),
            Failed = static _ => { },
        };
        _settler = new Settler(_keeper);
        _receiver = receiver = new Receiver(
            _keeper, _settler, new ReceiveOptions(10, 0, null, static delivery => delivery.Topic, static _ => { }));
    }

    public async ValueTask InitializeAsync()
    {
        await _keeper.OpenAsync(CancellationToken.None);
        _settler.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _receiver.Stop();
        await _settler.CloseAsync();
        await _keeper.DisposeAsync();
        _receiver.Dispose();
    }

    [Fact]
    public async Task A_delivery_that_cannot_begin_at_first_begins_later_on_the_same_session()
    {
        int attempts = 0;
        FakeSession session = _driver.Session;
        session.Starting = () =>
        {
            if (++attempts < 3)
            {
                throw new IOException("not now");
            }
        };

        Task<ReadResult> reading = ReadAsync();
        await Condition.UntilAsync(() => session.Deliver is not null, "it begins");
        session.Deliver!(session.Message("a"));

        Assert.Equal("a", (await reading).Entry.Value);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_look_that_is_stopped_takes_no_message_from_readers_that_wait()
    {
        FakeSession session = _driver.Session;
        Task<ReadResult> reading = ReadAsync();
        await Condition.UntilAsync(() => session.Deliver is not null, "it is read");
        var asked = new TaskCompletionSource<Delivery?>();
        var isAsked = new TaskCompletionSource();
        session.Getting = () =>
        {
            isAsked.SetResult();
            return asked.Task;
        };
        using var stop = new CancellationTokenSource();

        Task<ReadResult> looking = _receiver.ReadAvailableAsync(stop.Token).AsTask();
        await isAsked.Task.WaitAsync(WaitLimit, TestContext.Current.CancellationToken);
        Assert.Null(session.Deliver);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => looking);
        asked.TrySetResult(null);

        await Condition.UntilAsync(() => session.Deliver is not null, "it is delivered again");
        session.Deliver!(session.Message("a"));
        Assert.Equal("a", (await reading).Entry.Value);
    }

    [Fact]
    public async Task A_message_that_comes_for_a_look_that_was_stopped_goes_back()
    {
        FakeSession session = _driver.Session;
        var asked = new TaskCompletionSource<Delivery?>();
        session.Getting = () => asked.Task;
        using var stop = new CancellationTokenSource();
        Task<ReadResult> looking = _receiver.ReadAvailableAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => looking);

        asked.SetResult(session.Message("a"));

        await Condition.UntilAsync(() => session.Settled.Contains(("a", SettlementKind.Returned)), "it goes back");
        Assert.Equal(0, _receiver.Ahead);
    }

    [Fact]
    public async Task What_comes_late_on_a_session_that_is_lost_is_not_handed_out()
    {
        FakeSession first = _driver.Session;
        Task<ReadResult> reading = ReadAsync();
        await Condition.UntilAsync(() => first.Deliver is not null, "it is read");
        Action<Delivery> late = first.Deliver!;
        first.Lose();
        FakeSession second = await _driver.NextAsync(first);
        await Condition.UntilAsync(() => second.Deliver is not null, "it is read again");

        late(first.Message("old"));
        second.Deliver!(second.Message("new"));

        Assert.Equal("new", (await reading).Entry.Value);
        Assert.Empty(first.Settled);
    }

    // Such a message would be returned, and count as delivered once more.
    [Fact]
    public async Task Takes_no_message_after_its_readers_have_ended()
    {
        FakeSession session = _driver.Session;
        for (int round = 0; round < 50; round++)
        {
            using var receiver = new Receiver(
                _keeper, _settler, new ReceiveOptions(10, 0, null, static delivery => delivery.Topic, static _ => { }));
            var first = new TaskCompletionSource<Delivery?>();
            int calls = 0;
            session.Getting = () => ++calls == 1 ? first.Task : Task.FromResult<Delivery?>(session.Message("late"));
            receiver.Complete();
            Task<ReadResult>[] reading =
                [.. Enumerable.Range(0, 8).Select(_ => receiver.ReadOrWaitAsync(CancellationToken.None).AsTask())];
            first.SetResult(null);

            ReadResult[] read = await Task.WhenAll(reading).WaitAsync(WaitLimit, TestContext.Current.CancellationToken);
            await receiver.StopAsync(CancellationToken.None);
            Assert.All(read, static result => Assert.Equal(ReadOutcome.Ended, result.Outcome));
            Assert.Equal((1, 0), (calls, receiver.Ahead));
            Assert.Empty(session.Settled);
        }
    }

    [Fact]
    public async Task What_waits_for_a_session_ends_when_the_queue_is_closed()
    {
        _driver.IsDown = true;
        _driver.Session.Lose();
        await Condition.UntilAsync(() => _keeper.Current is null, "the loss is noticed");
        Task<IMessageSession> waiting = _keeper.GetAsync(CancellationToken.None);

        await _keeper.DisposeAsync();

        await Assert.ThrowsAsync<MessagingException>(() => waiting.WaitAsync(WaitLimit, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<MessagingException>(() => _keeper.GetAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Closing_waits_until_what_has_failed_is_moved()
    {
        var moved = new TaskCompletionSource();
        _driver.Session.Settling = settlement => settlement.Kind == SettlementKind.Dead ? moved.Task : Task.CompletedTask;
        _settler.Settle(_driver.Session.Message("bad"), new Settlement(SettlementKind.Dead));
        _settler.Settle(_driver.Session.Message("good"), new Settlement(SettlementKind.Done));
        await Condition.UntilAsync(() => _settler.Done == 1, "the other one is settled");

        Task ending = _settler.CloseAsync();
        Assert.NotSame(ending, await Task.WhenAny(ending, Task.Delay(200, TestContext.Current.CancellationToken)));
        moved.SetResult();

        await ending.WaitAsync(WaitLimit, TestContext.Current.CancellationToken);
        Assert.Equal(1, _settler.Dead);
    }

    private Task<ReadResult> ReadAsync()
        => _receiver.ReadOrWaitAsync(CancellationToken.None).AsTask().WaitAsync(WaitLimit, TestContext.Current.CancellationToken);
}
