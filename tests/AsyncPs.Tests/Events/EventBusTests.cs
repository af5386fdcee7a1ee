using AsyncPs.Events;
using AsyncPs.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AsyncPs.Tests.Events;

public sealed class EventBusTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly AsyncEventBus _bus;

    public EventBusTests() => _bus = new AsyncEventBus(throttleLimit: 4, timeProvider: _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bus.Dispose();

    [Theory]
    [InlineData("orders.new", "orders.new", true)]
    [InlineData("ORDERS.New", "orders.new", true)]
    [InlineData("orders.*", "orders.new", true)]
    [InlineData("orders.*", "orders.new.urgent", true)]
    [InlineData("orders.*", "orders", false)]
    [InlineData("*", "anything", true)]
    [InlineData("orders.?", "orders.12", false)]
    [InlineData("[op]*", "prices", true)]
    public async Task A_subscription_takes_the_topics_that_match(string pattern, string topic, bool takes)
    {
        EventSubscription subscription = Subscribe(new SubscriptionOptions(["none", pattern]));
        await _bus.PublishAsync(topic, 1, Cancel);

        Assert.Equal(takes ? 1 : 0, subscription.Waiting);
    }

    [Fact]
    public async Task An_event_says_what_it_is()
    {
        EventSubscription subscription = Subscribe();
        await _bus.PublishAsync("a", "first", Cancel);
        await _bus.PublishAsync("b", null, Cancel);
        subscription.Complete();

        AsyncEvent[] events = [.. await ReadAsync(subscription)];
        Assert.Equal([(1L, "a", "first"), (2L, "b", null)], events.Select(static e => (e.Id, e.Topic, (string?)e.Data)));
        Assert.All(events, e => Assert.Equal(_time.GetUtcNow(), e.Time));
        Assert.Equal("a: first", events[0].ToString());
        Assert.Equal((2L, 2L, 0), (_bus.Published, subscription.Handled, _bus.Subscriptions.Count));
    }

    [Theory]
    [InlineData(EventFullMode.DropOldest, "3 4")]
    [InlineData(EventFullMode.DropWrite, "1 2")]
    public async Task What_does_not_fit_is_dropped(EventFullMode mode, string expected)
    {
        EventSubscription subscription = Subscribe(new SubscriptionOptions(["*"]) { Capacity = 2, FullMode = mode });
        for (int i = 1; i <= 4; i++)
        {
            await _bus.PublishAsync("a", i, Cancel);
        }

        Assert.Equal((2L, 2), (subscription.Dropped, subscription.Waiting));
        subscription.Complete();
        Assert.Equal(expected, string.Join(' ', (await ReadAsync(subscription)).Select(static e => e.Data)));
        Assert.Equal(2, subscription.Handled);
    }

    [Fact]
    public async Task Who_publishes_waits_for_room_and_others_do_not()
    {
        EventSubscription slow = Subscribe(new SubscriptionOptions(["a"]) { Capacity = 1 });
        EventSubscription fast = Subscribe(new SubscriptionOptions(["*"]));
        await _bus.PublishAsync("a", 1, Cancel);
        using var timeout = new CancellationTokenSource();
        Task waiting = _bus.PublishAsync("a", 2, timeout.Token);
        Assert.False(waiting.IsCompleted);
        await _bus.PublishAsync("b", 3, Cancel);

        await timeout.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((1, 3), (slow.Waiting, fast.Waiting));

        waiting = _bus.PublishAsync("a", 4, Cancel);
        slow.Complete();
        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
        Assert.Equal(4, fast.Waiting);
    }

    [Fact]
    public async Task Once_is_once()
    {
        EventSubscription subscription = Subscribe(new SubscriptionOptions(["*"]) { Once = true });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => _bus.PublishAsync("a", i, Cancel), Cancel)));

        Assert.False(subscription.IsActive);
        Assert.Single(await ReadAsync(subscription));
        Assert.Empty(_bus.Subscriptions);
    }

    [Fact]
    public async Task Disposing_ends_everything()
    {
        EventSubscription subscription = Subscribe(new SubscriptionOptions(["*"]) { Capacity = 1 });
        await _bus.PublishAsync("a", 1, Cancel);
        Task waiting = _bus.PublishAsync("a", 2, Cancel);
        _bus.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _bus.PublishAsync("a", 3, Cancel));
        Assert.Throws<ObjectDisposedException>(() => Subscribe());
        Assert.Equal((false, 0), (subscription.IsActive, subscription.Waiting));
    }

    [Fact]
    public async Task No_event_is_lost_or_doubled_under_eight_publishers()
    {
        const int Publishers = 8;
        const int Events = 5000;
        EventSubscription[] subscriptions =
        [
            Subscribe(new SubscriptionOptions(["*"]) { Capacity = 16 }),
            Subscribe(new SubscriptionOptions(["p?"]) { Capacity = 1000 }),
            Subscribe(new SubscriptionOptions(["p3"]) { Capacity = 4 }),
        ];
        Task<List<AsyncEvent>>[] readers = [.. subscriptions.Select(subscription => Task.Run(() => ReadAsync(subscription), Cancel))];

        // Other subscribers come and go meanwhile.
        using var over = new CancellationTokenSource();
        Task changing = Task.Run(
            async () =>
            {
                while (!over.IsCancellationRequested)
                {
                    EventSubscription guest = Subscribe(
                        new SubscriptionOptions(["*"]) { FullMode = EventFullMode.DropWrite, Capacity = 1 });
                    await Task.Yield();
                    guest.Stop();
                }
            },
            Cancel);
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(p => Task.Run(
            async () =>
            {
                for (int i = 0; i < Events; i++)
                {
                    await _bus.PublishAsync($"p{p}", (p, i), Cancel);
                }
            },
            Cancel)));
        await over.CancelAsync();
        await changing;
        Array.ForEach(subscriptions, static subscription => subscription.Complete());

        List<AsyncEvent>[] read = await Task.WhenAll(readers);
        Assert.Equal([Publishers * Events, Publishers * Events, Events], read.Select(static events => events.Count));
        foreach (List<AsyncEvent> events in read)
        {
            // Each event once, and the events of a publisher in order.
            foreach (IGrouping<string, AsyncEvent> own in events.GroupBy(static e => e.Topic))
            {
                Assert.Equal(Enumerable.Range(0, Events), own.Select(static e => (((int, int))e.Data!).Item2));
            }
        }

        Assert.Equal(Publishers * Events, _bus.Published);
        Assert.Equal(0, _bus.Pending);
    }

    private EventSubscription Subscribe(SubscriptionOptions? options = null)
    {
        var subscription = new EventSubscription(_bus, options ?? new SubscriptionOptions(["*"]));
        _bus.Add(subscription);
        return subscription;
    }

    private static async Task<List<AsyncEvent>> ReadAsync(EventSubscription subscription)
    {
        List<AsyncEvent> events = [];
        await using StreamSource source = StreamSource.Open(subscription, Cancel)!;
        while (await source.MoveNextAsync())
        {
            events.Add((AsyncEvent)source.Current.Data!);
        }

        return events;
    }
}
