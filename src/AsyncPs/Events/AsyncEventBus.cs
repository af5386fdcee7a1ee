using AsyncPs.Throttling;

namespace AsyncPs.Events;

/// <summary>
/// Delivers the events of a topic to all of its subscribers. All members are safe for any thread and any runspace. Each subscription gets
/// the events of one publisher in their order.
/// </summary>
public sealed class AsyncEventBus : IDisposable
{
    private static int _lastId;

    private readonly object _lock = new();
    private readonly TimeProvider _time;
    private EventSubscription[] _subscriptions = [];
    private long _published;
    private volatile bool _disposed;

    /// <summary>Creates a bus without subscriptions.</summary>
    /// <param name="throttleLimit">How many handlers of all subscriptions run at the same time, from 1.</param>
    /// <param name="name">The name. Default: <c>EventBus</c> and a number.</param>
    /// <param name="timeProvider">The clock. Default: the system's.</param>
    internal AsyncEventBus(int throttleLimit, string? name = null, TimeProvider? timeProvider = null)
    {
        Name = name ?? $"EventBus{Interlocked.Increment(ref _lastId)}";
        ThrottleLimit = throttleLimit;
        Throttle = new Throttle(limit: throttleLimit);
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>The name of the bus.</summary>
    public string Name { get; }

    /// <summary>How many handlers of all subscriptions run at the same time.</summary>
    public int ThrottleLimit { get; }

    /// <summary>The active subscriptions.</summary>
    public IReadOnlyList<EventSubscription> Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>How many events were published.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>How many events wait or are being handled, in all subscriptions.</summary>
    public long Pending => Subscriptions.Sum(static subscription => subscription.Waiting + subscription.Running);

    /// <summary>Whether the bus was disposed.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>The limiter of all handlers.</summary>
    internal Throttle Throttle { get; }

    /// <summary>Publishes an event. Waits for each subscription that has no room for it and whose mode is to wait.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="data">The data.</param>
    /// <param name="cancellationToken">Ends the wait; subscriptions that already have the event keep it.</param>
    /// <returns>A task that completes when all subscriptions have the event.</returns>
    /// <exception cref="ObjectDisposedException">The bus was disposed.</exception>
    /// <exception cref="InvalidOperationException">A subscription ended while the event waited for room in it.</exception>
    public async Task PublishAsync(string topic, object? data = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        AsyncEvent published = Create(topic, data, isAwaited: false);
        await DeliverAsync(published, cancellationToken).ConfigureAwait(false);
        if (published.Losers is [var loser, ..])
        {
            throw EventErrors.EventNotHandled(this, loser, published);
        }
    }

    /// <summary>Stops all handlers, and ends all subscriptions.</summary>
    public void Dispose()
    {
        EventSubscription[] subscriptions;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            subscriptions = _subscriptions;
        }

        Array.ForEach(subscriptions, static subscription => subscription.Stop());
        Throttle.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Creates an event.</summary>
    /// <exception cref="ObjectDisposedException">The bus was disposed.</exception>
    internal AsyncEvent Create(string topic, object? data, bool isAwaited)
    {
        ThrowIfDisposed();
        return new AsyncEvent(Interlocked.Increment(ref _published), topic, data, _time.GetUtcNow()) { IsAwaited = isAwaited };
    }

    /// <summary>Delivers an event to all subscriptions that take it.</summary>
    internal async ValueTask DeliverAsync(AsyncEvent published, CancellationToken cancellationToken)
    {
        try
        {
            // Concurrently, so that a subscription without room does not delay the others.
            List<Task>? waiting = null;
            foreach (EventSubscription subscription in Volatile.Read(ref _subscriptions))
            {
                if (subscription.Takes(published.Topic)
                    && subscription.DeliverAsync(published, cancellationToken) is { IsCompletedSuccessfully: false } delivering)
                {
                    (waiting ??= []).Add(delivering);
                }
            }

            if (waiting is not null)
            {
                await Task.WhenAll(waiting).ConfigureAwait(false);
            }
        }
        finally
        {
            published.Settle();
        }
    }

    /// <summary>Adds a subscription, which gets the events that are published from now on.</summary>
    /// <exception cref="ObjectDisposedException">The bus was disposed.</exception>
    internal void Add(EventSubscription subscription)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            Volatile.Write(ref _subscriptions, [.. _subscriptions, subscription]);
        }
    }

    /// <summary>Removes a subscription.</summary>
    internal void Remove(EventSubscription subscription)
    {
        lock (_lock)
        {
            Volatile.Write(ref _subscriptions, Array.FindAll(_subscriptions, other => other != subscription));
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw EventErrors.EventBusDisposed();
        }
    }
}
