using AsyncPs.Concurrency.Waits;
using static AsyncPs.ErrorRecords;

namespace AsyncPs.Events;

/// <summary>The errors of event buses.</summary>
internal static class EventErrors
{
    /// <summary>A use of a disposed bus.</summary>
    public static ObjectDisposedException EventBusDisposed()
        => new(
            "AsyncEventBus",
            "The event bus was disposed and delivers no more events. Create another one with New-AsyncEventBus, or dispose it later.");

    /// <summary>The same error as an error record.</summary>
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

    /// <summary>A topic with wildcards.</summary>
    public static ErrorRecord TopicHasWildcards(string topic)
        => Create(
            $"-Topic '{topic}' has wildcards, which are for subscriptions. Publish an event on one topic, whose name has none of * ? "
                + "[ ].",
            "TopicHasWildcards",
            ErrorCategory.InvalidArgument,
            topic);

    /// <summary>An event whose handler waits for its publisher.</summary>
    public static DeadlockException EventWaitsForItself(EventSubscription subscription, string topic)
        => new(
            $"The event '{topic}' cannot be handled: all handlers of '{subscription.Name}' ({subscription.ThrottleLimit} at once) wait "
                + "for its publisher. Publish without -Wait, or register it with a larger -ThrottleLimit.",
            "EventWaitsForItself",
            subscription);

    /// <summary>An event for which there can be no room, because the code that would make room waits for its publisher.</summary>
    public static DeadlockException EventRoomWaitsForItself(EventSubscription subscription, string topic)
        => new(
            $"There is no room for the event '{topic}': {subscription.Capacity} events wait for '{subscription.Name}', "
                + $"and all its handlers ({subscription.ThrottleLimit} at once) wait for its publisher. "
                + "Register it with a larger -Capacity or -ThrottleLimit or another -FullMode, or publish with -Timeout.",
            "EventWaitsForItself",
            subscription);

    /// <summary>A subscription whose own handler waits for its end.</summary>
    public static DeadlockException SubscriptionWaitsForItself(EventSubscription subscription)
        => new(
            $"The subscription '{subscription.Name}' cannot end: its handler waits for this command. "
                + "Leave out -Wait, or unregister it outside its handler.",
            "SubscriptionWaitsForItself",
            subscription);

    /// <summary>An event that was not delivered or handled in time.</summary>
    public static ErrorRecord EventTimeout(TimeSpan timeout, AsyncEvent published, bool handled)
        => new(
            new TimeoutException(
                $"The event '{published.Topic}' was not {(handled ? "handled" : "taken by all subscriptions")} within "
                    + $"{Duration(timeout)}. Use a longer -Timeout, or look at the bus's Subscriptions: Waiting and Running."),
            "EventTimeout",
            ErrorCategory.OperationTimeout,
            published);

    /// <summary>An event whose subscription ended before it could handle it.</summary>
    public static InvalidOperationException EventNotHandled(AsyncEventBus bus, EventSubscription subscription, AsyncEvent published)
    {
        string lost = $"The event '{published.Topic}' was not handled by '{subscription.Name}'";
        return bus.IsDisposed
            ? new ObjectDisposedException(
                bus.Name,
                $"{lost}: the event bus was disposed in the meantime. Dispose it after the last event is published.")
            : new InvalidOperationException(
                $"{lost}: the subscription ended in the meantime. "
                + "Unregister it without -Force to have waiting events handled, or publish the event again.");
    }

    /// <summary>Failures of a handler that were not reported.</summary>
    public static string UnreportedFailures(EventSubscription subscription, long count)
        => $"The handler of '{subscription.Name}' has failed {count} {(count == 1 ? "time" : "times")}; the last error was: "
            + $"{subscription.LastError}";
}
