using AsyncPs.Concurrency.Waits;

namespace AsyncPs.Inspection;

/// <summary>What a call, an item or a session waits for.</summary>
public sealed class ConcurrentWaitInfo
{
    /// <summary>The kind.</summary>
    public WaitKind Kind { get; init; }

    /// <summary>What it is, in words.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Who has it, or is to bring it: items as <c>#12[3]</c>, the item at index 3 of the call 12, and sessions by name. Empty where
    /// nobody knows.
    /// </summary>
    public IReadOnlyList<string> HeldBy { get; init; } = [];

    /// <summary>How long it has waited; null if that is not known.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>When the wait ends by itself; null if it does not, or that is not known.</summary>
    public DateTime? Until { get; init; }

    /// <inheritdoc/>
    public override string ToString() => HeldBy.Count == 0 ? Description : $"{Description}, held by {string.Join(", ", HeldBy)}";
}
