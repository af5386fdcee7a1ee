using System.Collections;

namespace AsyncPs.Blocks.State;

/// <summary>
/// The content of a hashtable of the session when an item begins: `$PSBoundParameters`, from which blocks often remove entries, or
/// `$PSDefaultParameterValues`.
/// </summary>
internal sealed class TableBaseline
{
    private readonly IDictionary _table;
    private readonly DictionaryEntry[] _old;
    private IEnumerator _watch;

    /// <summary>Records its content.</summary>
    /// <param name="table">The table, or null where there is none.</param>
    public TableBaseline(object? table)
    {
        _table = PSObjectExtensions.Unwrap(table) as IDictionary ?? new Hashtable();
        _old = Current;
        _watch = ((IEnumerable)_table).GetEnumerator();
    }

    /// <summary>Whether an item has changed it.</summary>
    public bool HasChanged => _table.Count != _old.Length || (_old.Length > 0 && HasBeenSet);

    /// <summary>Its current content.</summary>
    public DictionaryEntry[] Current
    {
        get
        {
            var entries = new DictionaryEntry[_table.Count];
            int i = 0;
            foreach (DictionaryEntry entry in _table)
            {
                entries[i++] = entry;
            }

            return entries;
        }
    }

    /// <summary>Restores what an item has changed.</summary>
    public void Restore()
    {
        if (HasChanged)
        {
            Set(_old);
            _watch = ((IEnumerable)_table).GetEnumerator();
        }
    }

    /// <summary>Replaces its content.</summary>
    public void Set(DictionaryEntry[] values)
    {
        _table.Clear();
        foreach (DictionaryEntry entry in values)
        {
            _table[entry.Key] = entry.Value;
        }
    }

    // An enumerator detects it, at a lower cost than comparing the values.
    private bool HasBeenSet
    {
        get
        {
            try
            {
                _watch.Reset();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }
}
