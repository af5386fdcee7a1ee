using AsyncPs.Concurrency;

namespace AsyncPs.Waiting;

/// <summary>The result of waiting for one piece of work.</summary>
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

    /// <summary>Its position among the input, from zero; -1 if the time ran out before any of them ended (-Any).</summary>
    public int Index { get; }

    /// <summary>The work: a job, a task, a block, a process and so on; the first one if the index is -1.</summary>
    public object Work { get; }

    /// <summary>How it ended, or that it did not end in time.</summary>
    public ConcurrentStatus Status { get; }

    /// <summary>Its output or result, or the value of <c>-Default</c>.</summary>
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

    /// <summary>The unfinished work, which can be waited for again; a block as its task.</summary>
    [SuppressMessage(
        "Performance",
        "CA1819:Properties should not return arrays",
        Justification = "Scripts index and enumerate arrays best.")]
    public object[] Pending { get; }
}
