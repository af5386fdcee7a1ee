namespace AsyncPs.Concurrency;

/// <summary>The role of a call in metrics and traces.</summary>
internal enum CallRole
{
    /// <summary>Work that begins and ends: it has a span, and its items are parts of that.</summary>
    Work,

    /// <summary>It lasts as long as the object that it serves, and each item belongs to its requester.</summary>
    Service,

    /// <summary>Its items are attempts at items that are counted already.</summary>
    Attempts,
}
