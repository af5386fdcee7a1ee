using System.Management.Automation;

namespace AsyncPs.Tests.Data.Support;

/// <summary>
/// Counts the rows that other code keeps alive, without keeping them alive itself. Unlike the memory of the process, this does not
/// depend on other work.
/// </summary>
public sealed class RowWatch
{
    private readonly List<WeakReference> _rows = [];

    /// <summary>The number of watched rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Watches a row.</summary>
    public void Add(PSObject row) => _rows.Add(new WeakReference(row));

    /// <summary>How many of the rows are still referenced.</summary>
    public int CountKept()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return _rows.Count(static row => row.IsAlive);
    }
}
