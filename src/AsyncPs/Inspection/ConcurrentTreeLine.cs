namespace AsyncPs.Inspection;

/// <summary>A line of the tree of a process: a session, a group, a call or an item, below what waits for it.</summary>
public sealed class ConcurrentTreeLine
{
    /// <summary>The depth in the tree, from 0.</summary>
    public int Depth { get; init; }

    /// <summary>The text, indented.</summary>
    public string Tree { get; init; } = "";

    /// <summary>How long it has existed; null if unknown.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>What it waits for; null while it runs.</summary>
    public ConcurrentWaitInfo? WaitsFor { get; init; }

    /// <summary>Whether it waits for itself, directly or through others.</summary>
    public bool IsDeadlocked { get; init; }

    /// <summary>The call; null for other lines.</summary>
    public ConcurrentCallInfo? Call { get; init; }

    /// <summary>The item; null for other lines.</summary>
    public ConcurrentItemInfo? Item { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Tree;
}
