namespace AsyncPs.Inspection;

/// <summary>A line of the tree of what lives in a process: a session, a group, a call or an item, below what waits for it.</summary>
public sealed class ConcurrentTreeLine
{
    /// <summary>How deep it stands, from 0.</summary>
    public int Depth { get; init; }

    /// <summary>What it is, indented.</summary>
    public string Tree { get; init; } = "";

    /// <summary>How long it has been there; null if that is not known.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>What it waits for; null while it runs.</summary>
    public ConcurrentWaitInfo? WaitsFor { get; init; }

    /// <summary>Whether it waits, through others, for itself.</summary>
    public bool IsDeadlocked { get; init; }

    /// <summary>The call; null for a line that is none.</summary>
    public ConcurrentCallInfo? Call { get; init; }

    /// <summary>The item; null for a line that is none.</summary>
    public ConcurrentItemInfo? Item { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Tree;
}
