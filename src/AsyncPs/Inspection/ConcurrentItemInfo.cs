namespace AsyncPs.Inspection;

/// <summary>An item in flight, as it was at the time of inspection.</summary>
public sealed class ConcurrentItemInfo
{
    /// <summary>The number of its call.</summary>
    public long CallId { get; init; }

    /// <summary>Its position in the input, from zero.</summary>
    public long Index { get; init; }

    /// <summary>The number of its attempt; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The name of its job, or the web request that it answers; null for other items.</summary>
    public string? Job { get; init; }

    /// <summary>
    /// The input object of a block as views show it; null without input, and for items without a block, whose values may be secret.
    /// </summary>
    public string? Input { get; init; }

    /// <summary>What it runs: the position of the script, the method and the URI of a request, or the text of a query.</summary>
    public string Runs { get; init; } = "";

    /// <summary>The statements that its worker is in, innermost first; empty if no worker runs it.</summary>
    public IReadOnlyList<string> Stack { get; init; } = [];

    /// <summary>How long it has been running; null if unknown, or if it waits to start.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>What it waits for; null while it runs.</summary>
    public ConcurrentWaitInfo? WaitsFor { get; set; }

    /// <summary>Whether it waits for itself, directly or through others.</summary>
    public bool IsDeadlocked { get; set; }

    /// <summary>Running, Waiting or Deadlocked.</summary>
    public string State => IsDeadlocked ? "Deadlocked" : WaitsFor is null ? "Running" : "Waiting";

    /// <inheritdoc/>
    public override string ToString() => $"#{CallId}[{Index}]";
}
