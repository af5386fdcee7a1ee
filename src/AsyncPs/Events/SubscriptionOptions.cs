namespace AsyncPs.Events;

/// <summary>What a subscription gets, and how much of it may wait.</summary>
/// <param name="Topics">Topics, wildcards allowed.</param>
internal sealed record SubscriptionOptions(string[] Topics)
{
    /// <summary>A name to tell it by. Default: <c>Subscription</c> and a number.</summary>
    public string? Name { get; init; }

    /// <summary>How many events may wait, from 1.</summary>
    public int Capacity { get; init; } = 1000;

    /// <summary>What happens when as many wait.</summary>
    public EventFullMode FullMode { get; init; }

    /// <summary>Whether it ends with the first event that it takes.</summary>
    public bool Once { get; init; }

    /// <summary>Whether a filter block looks at each event, on the worker.</summary>
    public bool HasFilter { get; init; }

    /// <summary>How many events are handled at once.</summary>
    public int ThrottleLimit { get; init; } = 1;
}
