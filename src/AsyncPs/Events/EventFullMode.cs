namespace AsyncPs.Events;

/// <summary>What happens to an event when as many as may wait for a subscription.</summary>
public enum EventFullMode
{
    /// <summary>Who publishes it waits for room (back-pressure).</summary>
    Wait,

    /// <summary>The one that has waited longest makes room.</summary>
    DropOldest,

    /// <summary>This subscription does not get it.</summary>
    DropWrite,
}
