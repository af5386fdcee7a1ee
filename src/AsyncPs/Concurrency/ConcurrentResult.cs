namespace AsyncPs.Concurrency;

/// <summary>What became of one item of a call, whatever happened (asyncio's <c>gather(return_exceptions=True)</c>).</summary>
public sealed class ConcurrentResult
{
    internal ConcurrentResult(WorkItem item, ConcurrentStatus status, object?[] output, ErrorRecord[] error, TimeSpan duration, int attempt)
    {
        Index = item.Index;
        Input = item.Input;
        Status = status;
        Output = output;
        Error = error;
        Duration = duration;
        Attempt = attempt;
    }

    /// <summary>The position of the item in the input, from zero.</summary>
    public long Index { get; }

    /// <summary>The input object; null when the call had no input.</summary>
    public object? Input { get; }

    /// <summary>How it ended.</summary>
    public ConcurrentStatus Status { get; }

    /// <summary>What it wrote, in order; of the last attempt only.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public object?[] Output { get; }

    /// <summary>Its errors, in order; of the last attempt only.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public ErrorRecord[] Error { get; }

    /// <summary>How long it took from its start to its end, awaiting and retries included; zero if it was never started.</summary>
    public TimeSpan Duration { get; }

    /// <summary>How often it was started; zero if it never was.</summary>
    public int Attempt { get; }
}
