namespace AsyncPs.Events;

/// <summary>The settings of a subscription.</summary>
/// <param name="Topics">Topics, wildcards allowed.</param>
internal sealed record SubscriptionOptions(string[] Topics)
{
    /// <summary>The name. Default: <c>Subscription</c> and a number.</summary>
    public string? Name { get; init; }

    /// <summary>The largest number of waiting events, from 1.</summary>
    public int Capacity { get; init; } = 1000;

    /// <summary>What happens to an event when that many wait.</summary>
    public EventFullMode FullMode { get; init; }

    /// <summary>Whether it ends with the first event that it takes.</summary>
    public bool Once { get; init; }

    /// <summary>Whether a filter block checks each event, on the worker.</summary>
    public bool HasFilter { get; init; }

    /// <summary>How many events are handled at the same time.</summary>
    public int ThrottleLimit { get; init; } = 1;
}
