namespace AsyncPs.Events;

/// <summary>An event that was published on an <see cref="AsyncEventBus"/>.</summary>
public sealed class AsyncEvent
{
    private readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ErrorRecord> _errors = [];
    private readonly List<EventSubscription> _losers = [];

    // The publisher counts too, until all handlers have the event.
    private int _pending = 1;

    internal AsyncEvent(long id, string topic, object? data, DateTimeOffset time)
    {
        Id = id;
        Topic = topic;
        Data = data;
        Time = time;
    }

    /// <summary>Its number on the bus, from 1.</summary>
    public long Id { get; }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The published data.</summary>
    public object? Data { get; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset Time { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Topic}: {Data}";

    /// <summary>Completes when all handlers have handled it.</summary>
    internal Task Handled => _handled.Task;

    /// <summary>The errors of its handlers, once it is handled.</summary>
    internal IReadOnlyList<ErrorRecord> Errors
    {
        get
        {
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>The subscriptions that ended before they could handle it.</summary>
    internal IReadOnlyList<EventSubscription> Losers
    {
        get
        {
            lock (_errors)
            {
                return [.. _losers];
            }
        }
    }

    /// <summary>Whether the publisher waits until it is handled, and takes the errors.</summary>
    internal bool IsAwaited { get; init; }

    /// <summary>Notes that one more handler will get it.</summary>
    internal void Expect() => Interlocked.Increment(ref _pending);

    /// <summary>Notes that a handler has handled it, or never will.</summary>
    internal void Settle(IReadOnlyCollection<ErrorRecord>? errors = null)
    {
        if (errors is { Count: > 0 })
        {
            lock (_errors)
            {
                _errors.AddRange(errors);
            }
        }

        if (Interlocked.Decrement(ref _pending) == 0)
        {
            _handled.TrySetResult();
        }
    }

    /// <summary>Notes that a subscription ended before it could handle it.</summary>
    internal void Lose(EventSubscription subscription)
    {
        lock (_errors)
        {
            _losers.Add(subscription);
        }

        Settle();
    }
}
