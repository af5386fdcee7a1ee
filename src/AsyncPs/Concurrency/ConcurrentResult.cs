namespace AsyncPs.Concurrency;

/// <summary>The result of one item of a call, however it ended (asyncio's <c>gather(return_exceptions=True)</c>).</summary>
public sealed class ConcurrentResult
{
    internal ConcurrentResult(
        WorkItem item,
        ConcurrentStatus status,
        object?[] output,
        ErrorRecord[] error,
        TimeSpan duration,
        int attempt,
        string? worker)
    {
        Index = item.Index;
        Input = item.Input;
        Status = status;
        Output = output;
        Error = error;
        Duration = duration;
        Attempt = attempt;
        Worker = worker;
    }

    /// <summary>The position of the item in the input, from zero.</summary>
    public long Index { get; }

    /// <summary>The input object; null when the call had no input.</summary>
    public object? Input { get; }

    /// <summary>How it ended.</summary>
    public ConcurrentStatus Status { get; }

    /// <summary>The output of its last attempt, in order.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public object?[] Output { get; }

    /// <summary>The errors of its last attempt, in order.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public ErrorRecord[] Error { get; }

    /// <summary>The time from its start to its end, including awaits and retries; zero if it never started.</summary>
    public TimeSpan Duration { get; }

    /// <summary>How many attempts were started; zero if none was.</summary>
    public int Attempt { get; }

    /// <summary>
    /// The process, machine or session that ran its last attempt, such as `process 4711` or `web1`; null if it ran in this process or
    /// never started.
    /// </summary>
    public string? Worker { get; }
}
