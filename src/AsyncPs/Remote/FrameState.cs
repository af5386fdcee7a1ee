namespace AsyncPs.Remote;

/// <summary>
/// The state of an item in an entry of a frame. A frame is an array that begins with the header of its entries: for each the item's place
/// in its batch, one of these states, and how many of the values after the header are its output. Records of other streams belong to the
/// last entry before them.
/// </summary>
internal enum FrameState
{
    /// <summary>The item continues.</summary>
    Running,

    /// <summary>The item continues, and its next error ends it.</summary>
    Failing,

    /// <summary>The item has ended normally.</summary>
    Ended,
}
