using System.Collections.ObjectModel;

namespace AsyncPs.Workers;

/// <summary>A collection that is always empty: each added record goes to a callback.</summary>
/// <param name="accept">Takes a record, on the thread that adds it.</param>
internal sealed class WorkerOutput(Action<PSObject> accept) : Collection<PSObject>
{
    /// <inheritdoc/>
    protected override void InsertItem(int index, PSObject item) => accept(item);
}
