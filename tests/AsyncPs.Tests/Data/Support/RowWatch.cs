using System.Management.Automation;

namespace AsyncPs.Tests.Data.Support;

/// <summary>
/// Watches rows without keeping them: whether somebody else does. Unlike the memory of the process, that does not depend on what runs
/// beside.
/// </summary>
public sealed class RowWatch
{
    private readonly List<WeakReference> _rows = [];

    /// <summary>How many rows it watches.</summary>
    public int Count => _rows.Count;

    /// <summary>Watches a row.</summary>
    public void Add(PSObject row) => _rows.Add(new WeakReference(row));

    /// <summary>How many of the rows somebody keeps.</summary>
    public int CountKept()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return _rows.Count(static row => row.IsAlive);
    }
}
