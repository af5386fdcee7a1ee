namespace AsyncPs.Remote;

/// <summary>
/// The state of an item in a frame. A frame is an array of entries with three elements each: the item's place in its batch, one of these
/// values, and what the item has written since. A record of another stream belongs to the last entry before it.
/// </summary>
internal enum FrameState
{
    /// <summary>The item continues.</summary>
    Running,

    /// <summary>The item continues, and its next error ends it.</summary>
    Failing,

    /// <summary>The item has ended by itself.</summary>
    Ended,
}
