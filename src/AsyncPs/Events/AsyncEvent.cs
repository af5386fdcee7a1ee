namespace AsyncPs.Events;

/// <summary>Something that was published on an <see cref="AsyncEventBus"/>.</summary>
public sealed class AsyncEvent
{
    private readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ErrorRecord> _errors = [];
    private readonly List<EventSubscription> _losers = [];

    // Whoever publishes it is one of those it waits for, until all handlers have it.
    private int _pending = 1;

    internal AsyncEvent(long id, string topic, object? data, DateTimeOffset time)
    {
        Id = id;
        Topic = topic;
        Data = data;
        Time = time;
    }

    /// <summary>Its number on its bus, from 1.</summary>
    public long Id { get; }

    /// <summary>What it is about.</summary>
    public string Topic { get; }

    /// <summary>What was published.</summary>
    public object? Data { get; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset Time { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Topic}: {Data}";

    /// <summary>Ends when all handlers have dealt with it.</summary>
    internal Task Handled => _handled.Task;

    /// <summary>What handlers have failed with, once it is handled.</summary>
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

    /// <summary>The subscriptions that were ended before they could deal with it.</summary>
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

    /// <summary>Whether somebody waits until it is handled, and takes the errors.</summary>
    internal bool IsAwaited { get; init; }

    /// <summary>A handler is to get it.</summary>
    internal void Expect() => Interlocked.Increment(ref _pending);

    /// <summary>A handler has dealt with it, or never will.</summary>
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

    /// <summary>A subscription was ended that was to get it: nobody deals with it there.</summary>
    internal void Lose(EventSubscription subscription)
    {
        lock (_errors)
        {
            _losers.Add(subscription);
        }

        Settle();
    }
}
