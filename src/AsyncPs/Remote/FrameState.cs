namespace AsyncPs.Remote;

/// <summary>
/// What an entry of a frame says of an item. A frame is an array of entries in a row, each of three elements: the item's place in its
/// batch, one of
/// these, and what the item has written since. Records of other streams than the output are those of the last entry before them.
/// </summary>
internal enum FrameState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It goes on, and the next error is the one that ends it.</summary>
    Failing,

    /// <summary>It has ended by itself.</summary>
    Ended,
}
