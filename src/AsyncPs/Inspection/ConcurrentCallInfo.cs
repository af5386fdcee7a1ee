namespace AsyncPs.Inspection;

/// <summary>A live call, as it was at the time of inspection.</summary>
public sealed class ConcurrentCallInfo
{
    /// <summary>A number unique in the process; 0 for a session.</summary>
    public long Id { get; init; }

    /// <summary>The kind of work.</summary>
    public ConcurrentCallKind Kind { get; init; }

    /// <summary>The name of a subscription or a session; null otherwise.</summary>
    public string? Name { get; init; }

    /// <summary>The command that opened it.</summary>
    public string Command { get; init; } = "";

    /// <summary>The script that contains the command; null if there is none.</summary>
    public string? Script { get; init; }

    /// <summary>The line of the command, from 1; 0 if unknown.</summary>
    public int Line { get; init; }

    /// <summary>The text of that line.</summary>
    public string Text { get; init; } = "";

    /// <summary>When it was opened.</summary>
    public DateTime Started { get; init; }

    /// <summary>How long ago that was.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many items were added.</summary>
    public long Added { get; init; }

    /// <summary>How many of them have ended.</summary>
    public long Finished { get; init; }

    /// <summary>How many of those have failed.</summary>
    public long Failed { get; init; }

    /// <summary>How many retries there were.</summary>
    public long Retried { get; init; }

    /// <summary>How many items are in flight.</summary>
    public int Running { get; init; }

    /// <summary>How many items wait to start.</summary>
    public int Waiting { get; init; }

    /// <summary>How many items may be in flight at the same time; null for no limit.</summary>
    public int? Limit { get; init; }

    /// <summary>How many workers it has.</summary>
    public int Workers { get; init; }

    /// <summary>Whether there is no more input.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The name of the session that it comes from; null if unknown.</summary>
    public string? Session { get; init; }

    /// <summary>The item that waits for it, as <c>#12[3]</c>; null if none does.</summary>
    public string? Parent { get; init; }

    /// <summary>The task group that it belongs to, or null.</summary>
    public string? Group { get; init; }

    /// <summary>What it waits for as a whole; null if its items tell everything.</summary>
    public ConcurrentWaitInfo? WaitsFor { get; set; }

    /// <summary>The items in flight, up to a thousand.</summary>
    public IReadOnlyList<ConcurrentItemInfo> Items { get; init; } = [];

    /// <summary>Whether it, or one of its items, waits for itself, directly or through others.</summary>
    public bool IsDeadlocked { get; set; }

    /// <summary>Whether it was stopped or timed out, and its items are ending.</summary>
    public bool IsEnding { get; init; }

    /// <summary>The id of its process.</summary>
    public int ProcessId { get; init; }

    /// <summary>Running, Waiting, Ending or Deadlocked.</summary>
    public string State => IsDeadlocked ? "Deadlocked" : IsEnding ? "Ending" : WaitsFor is null ? "Running" : "Waiting";

    /// <inheritdoc/>
    public override string ToString() => Kind == ConcurrentCallKind.Session ? Name ?? "" : $"#{Id}";
}
