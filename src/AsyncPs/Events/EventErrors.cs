using AsyncPs.Concurrency.Waits;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Events;

/// <summary>The errors of event buses.</summary>
internal static class EventErrors
{
    /// <summary>A bus that is no more.</summary>
    public static ObjectDisposedException EventBusDisposed()
        => new(
            "AsyncEventBus",
            "The event bus was disposed, so nobody gets what is published. Make another with New-AsyncEventBus, or dispose it later.");

    /// <summary>The same as an error record.</summary>
    public static ErrorRecord EventBusDisposed(Exception exception, AsyncEventBus bus)
        => new(exception, "EventBusDisposed", ErrorCategory.ResourceUnavailable, bus);

    /// <summary>A subscription read as a stream whose events a block handles.</summary>
    public static ConcurrentArgumentException SubscriptionHasHandler(EventSubscription subscription)
        => new(Create(
            $"The events of '{subscription.Name}' go to its block, so there is nothing to read. "
                + "Register another without -ScriptBlock to read as a stream.",
            "SubscriptionHasHandler",
            ErrorCategory.InvalidArgument,
            subscription));

    /// <summary>A topic that is none.</summary>
    public static ErrorRecord TopicHasWildcards(string topic)
        => Create(
            $"-Topic '{topic}' has wildcards, which are for subscriptions. Publish an event on one topic; a name with one of * ? "
                + "[ ] is not allowed.",
            "TopicHasWildcards",
            ErrorCategory.InvalidArgument,
            topic);

    /// <summary>An event whose handler waits for its publisher.</summary>
    public static DeadlockException EventWaitsForItself(EventSubscription subscription, string topic)
        => new(
            $"The event '{topic}' cannot be handled: all handlers of '{subscription.Name}' ({subscription.ThrottleLimit} at once) wait "
                + "for this. Publish without -Wait, or register it with a larger -ThrottleLimit.",
            "EventWaitsForItself",
            subscription);

    /// <summary>An event for which there will be no room, because those that would make it wait for its publisher.</summary>
    public static DeadlockException EventRoomWaitsForItself(EventSubscription subscription, string topic)
        => new(
            $"The event '{topic}' finds no room: {subscription.Capacity} wait for '{subscription.Name}', "
                + $"and all its handlers ({subscription.ThrottleLimit} at once) wait for this. "
                + "Register it with a larger -Capacity or -ThrottleLimit or another -FullMode, or publish with -Timeout.",
            "EventWaitsForItself",
            subscription);

    /// <summary>A subscription whose end a handler of it waits for.</summary>
    public static DeadlockException SubscriptionWaitsForItself(EventSubscription subscription)
        => new(
            $"The subscription '{subscription.Name}' cannot end: its handler waits for this. "
                + "Leave out -Wait, or unregister it outside of its handler.",
            "SubscriptionWaitsForItself",
            subscription);

    /// <summary>An event that was not delivered, or not handled, in time.</summary>
    public static ErrorRecord EventTimeout(TimeSpan timeout, AsyncEvent published, bool handled)
        => new(
            new TimeoutException(
                $"The event '{published.Topic}' was not {(handled ? "handled" : "taken by all subscriptions")} within "
                    + $"{Duration(timeout)}. Give a longer -Timeout, or look at the bus's Subscriptions: Waiting and Running."),
            "EventTimeout",
            ErrorCategory.OperationTimeout,
            published);

    /// <summary>An event that a subscription was to get, and that nobody deals with there.</summary>
    public static InvalidOperationException EventNotHandled(AsyncEventBus bus, EventSubscription subscription, AsyncEvent published)
    {
        string lost = $"The event '{published.Topic}' was not handled by '{subscription.Name}'";
        return bus.IsDisposed
            ? new ObjectDisposedException(
                bus.Name,
                $"{lost}: the event bus was disposed meanwhile. Dispose it when nobody publishes any more.")
            : new InvalidOperationException(
                $"{lost}: the subscription was ended meanwhile. "
                + "Unregister it without -Force to have what waits handled, or publish the event again.");
    }

    /// <summary>Failures of a handler that nobody has seen.</summary>
    public static string UnreportedFailures(EventSubscription subscription, long count)
        => $"The handler of '{subscription.Name}' has failed {count} {(count == 1 ? "time" : "times")}; the last error was: "
            + $"{subscription.LastError}";
}
