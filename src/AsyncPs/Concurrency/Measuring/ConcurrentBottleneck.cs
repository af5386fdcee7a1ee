namespace AsyncPs.Concurrency.Measuring;

/// <summary>What keeps a call from being faster.</summary>
public enum ConcurrentBottleneck
{
    /// <summary>The items themselves: they have hardly waited for anything.</summary>
    Items,

    /// <summary>The input: there was room for more items than arrived.</summary>
    Input,

    /// <summary>The commands after this one, which take results more slowly than they arrive.</summary>
    Pipeline,

    /// <summary>The limit of items that run at once.</summary>
    ThrottleLimit,

    /// <summary>A shared throttle.</summary>
    Throttle,

    /// <summary>Workers: they were still being opened, or the processors were busy.</summary>
    Workers,

    /// <summary>The order of results, for which items wait for earlier ones.</summary>
    Order,
}
