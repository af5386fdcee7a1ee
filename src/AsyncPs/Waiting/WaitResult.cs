using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>What became of something that was waited for.</summary>
public sealed class WaitResult
{
    internal WaitResult(int index, object work, ConcurrentStatus status, object?[] output, ErrorRecord[] error, object[] pending)
    {
        Index = index;
        Work = work;
        Status = status;
        Output = output;
        Error = error;
        Pending = pending;
    }

    /// <summary>Its position among what was waited for, from zero; -1 if the time was over before any of them had ended (-Any).</summary>
    public int Index { get; }

    /// <summary>What it was: a job, a task, a block, a process and so on; the first of all where the index is -1.</summary>
    public object Work { get; }

    /// <summary>How it ended, or that it did not end in time.</summary>
    public ConcurrentStatus Status { get; }

    /// <summary>What it has written or returned, or the value of <c>-Default</c>.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public object?[] Output { get; }

    /// <summary>Its errors.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public ErrorRecord[] Error { get; }

    /// <summary>What was not waited for to the end and can be waited for again; a block as its task.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public object[] Pending { get; }
}
