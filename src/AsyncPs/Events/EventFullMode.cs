namespace AsyncPs.Events;

/// <summary>What happens to an event when the limit of waiting events of a subscription is reached.</summary>
public enum EventFullMode
{
    /// <summary>The publisher waits for room (back-pressure).</summary>
    Wait,

    /// <summary>The event that has waited longest is dropped.</summary>
    DropOldest,

    /// <summary>This subscription does not get it.</summary>
    DropWrite,
}
