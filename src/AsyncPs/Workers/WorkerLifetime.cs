namespace AsyncPs.Workers;

/// <summary>How long the workers of a team live.</summary>
internal enum WorkerLifetime
{
    /// <summary>They come from the pool, warm, and return to it.</summary>
    Process,

    /// <summary>They are new, and end with the call.</summary>
    Call,

    /// <summary>They are new, and end with the item that they ran.</summary>
    Item,
}
