using System.Collections;
using System.Collections.Specialized;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A table of the caller as a worker sees it. Reads and writes go to the caller's table, but script blocks in it read as their twins,
/// because the caller's own would run in the caller's session. An ordered table keeps its order, and a number is an index into it.
/// </summary>
/// <param name="table">The caller's table: a hashtable, or an ordered one.</param>
/// <param name="twin">Returns the object to read in place of a value.</param>
[SuppressMessage("Usage", "CA2229:Implement serialization constructors", Justification = "It is a view, and never serialized.")]
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It says what it is.")]
internal sealed class TableView(IDictionary table, Func<object?, object?> twin) : Hashtable, IEnumerable
{
    /// <inheritdoc/>
    public override int Count => table.Count;

    /// <inheritdoc/>
    public override bool IsFixedSize => table.IsFixedSize;

    /// <inheritdoc/>
    public override bool IsReadOnly => table.IsReadOnly;

    /// <inheritdoc/>
    public override bool IsSynchronized => table.IsSynchronized;

    /// <inheritdoc/>
    public override object SyncRoot => table.SyncRoot;

    /// <inheritdoc/>
    public override ICollection Keys => table.Keys;

    /// <inheritdoc/>
    public override ICollection Values
    {
        get
        {
            object?[] values = [.. table.Values.Cast<object?>()];
            return Array.ConvertAll(values, value => twin(value));
        }
    }

    /// <inheritdoc/>
    public override object? this[object key]
    {
        get => twin(key is int place && table is IOrderedDictionary ordered ? ordered[place] : table[key]);
        set
        {
            if (key is int place && table is IOrderedDictionary ordered)
            {
                ordered[place] = value;
            }
            else
            {
                table[key] = value;
            }
        }
    }

    /// <inheritdoc/>
    public override void Add(object key, object? value) => table.Add(key, value);

    /// <inheritdoc/>
    public override void Clear() => table.Clear();

    /// <inheritdoc/>
    public override object Clone() => new TableView(table is Hashtable hashtable ? (Hashtable)hashtable.Clone() : Copy(table), twin);

    /// <inheritdoc/>
    public override bool Contains(object key) => table.Contains(key);

    /// <inheritdoc/>
    public override bool ContainsKey(object key) => table.Contains(key);

    /// <inheritdoc/>
    public override bool ContainsValue(object? value) => table.Values.Cast<object?>().Contains(value);

    /// <inheritdoc/>
    public override void CopyTo(Array array, int arrayIndex)
    {
        foreach (DictionaryEntry entry in this)
        {
            array.SetValue(entry, arrayIndex++);
        }
    }

    /// <inheritdoc/>
    public override void Remove(object key) => table.Remove(key);

    /// <summary>Inserts an element into an ordered table.</summary>
    public void Insert(int index, object key, object? value) => Ordered.Insert(index, key, value);

    /// <summary>Removes an element from an ordered table.</summary>
    public void RemoveAt(int index) => Ordered.RemoveAt(index);

    /// <inheritdoc/>
    public override IDictionaryEnumerator GetEnumerator() => new Enumerator(table.GetEnumerator(), twin);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IOrderedDictionary Ordered
        => table as IOrderedDictionary ?? throw new NotSupportedException("A hashtable has no order. Use [ordered]@{} for one that has.");

    private static OrderedDictionary Copy(IDictionary table)
    {
        OrderedDictionary copy = new(StringComparer.CurrentCultureIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            copy.Add(entry.Key, entry.Value);
        }

        return copy;
    }

    private sealed class Enumerator(IDictionaryEnumerator entries, Func<object?, object?> twin) : IDictionaryEnumerator
    {
        public DictionaryEntry Entry => new(entries.Key, twin(entries.Value));

        public object Key => entries.Key;

        public object? Value => twin(entries.Value);

        public object Current => Entry;

        public bool MoveNext() => entries.MoveNext();

        public void Reset() => entries.Reset();
    }
}
