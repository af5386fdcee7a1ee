using System.Collections;

namespace AsyncPs.Blocks.State;

/// <summary>
/// What a table of the session holds when an item begins: `$PSBoundParameters`, of which a block often takes some away, or
/// `$PSDefaultParameterValues`.
/// </summary>
internal sealed class TableBaseline
{
    private readonly IDictionary _table;
    private readonly DictionaryEntry[] _old;
    private IEnumerator _watch;

    /// <summary>Notes what it holds.</summary>
    /// <param name="table">The table, or null where there is none.</param>
    public TableBaseline(object? table)
    {
        _table = PSObjectExtensions.Unwrap(table) as IDictionary ?? new Hashtable();
        _old = Current;
        _watch = ((IEnumerable)_table).GetEnumerator();
    }

    /// <summary>Whether an item has changed it.</summary>
    public bool HasChanged => _table.Count != _old.Length || HasBeenSet;

    /// <summary>What it holds now.</summary>
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

    /// <summary>Puts back what an item has changed.</summary>
    public void Restore()
    {
        if (HasChanged)
        {
            Set(_old);
            _watch = ((IEnumerable)_table).GetEnumerator();
        }
    }

    /// <summary>Has it hold something else.</summary>
    public void Set(DictionaryEntry[] values)
    {
        _table.Clear();
        foreach (DictionaryEntry entry in values)
        {
            _table[entry.Key] = entry.Value;
        }
    }

    // An enumerator knows it, and asking that costs less than looking at the values.
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
