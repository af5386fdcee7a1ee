namespace AsyncPs.Concurrency;

/// <summary>What a call is to those who count and trace.</summary>
internal enum CallRole
{
    /// <summary>Work that begins and ends: it has a span, and its items are parts of that.</summary>
    Work,

    /// <summary>It lasts as long as what it serves, and each item belongs to whoever has asked for it.</summary>
    Service,

    /// <summary>Its items are attempts at items that are counted already.</summary>
    Attempts,
}
