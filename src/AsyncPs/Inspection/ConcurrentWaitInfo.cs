using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Inspection;

/// <summary>What a call, an item or a session waits for.</summary>
public sealed class ConcurrentWaitInfo
{
    /// <summary>The kind.</summary>
    public WaitKind Kind { get; init; }

    /// <summary>The description of what it waits for.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// The strands that hold it or will bring it: items as <c>#12[3]</c>, the item at index 3 of call 12, and sessions by name. Empty if
    /// unknown.
    /// </summary>
    public IReadOnlyList<string> HeldBy { get; init; } = [];

    /// <summary>How long it has waited; null if unknown.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>When the wait times out; null if it does not, or if that is unknown.</summary>
    public DateTime? Until { get; init; }

    /// <inheritdoc/>
    public override string ToString() => HeldBy.Count == 0 ? Description : $"{Description}, held by {string.Join(", ", HeldBy)}";
}
