namespace AsyncPs.Concurrency.Measuring;

/// <summary>What keeps a call from being faster.</summary>
public enum ConcurrentBottleneck
{
    /// <summary>The items themselves: hardly any has waited for anything.</summary>
    Items,

    /// <summary>The input: there were places for more items than came.</summary>
    Input,

    /// <summary>The pipeline behind the command, which takes results more slowly than they come.</summary>
    Pipeline,

    /// <summary>The limit of items that run at once.</summary>
    ThrottleLimit,

    /// <summary>A shared throttle.</summary>
    Throttle,

    /// <summary>Workers: they were still being opened, or the processors were busy.</summary>
    Workers,

    /// <summary>The order of results, for which items wait for those before them.</summary>
    Order,
}
