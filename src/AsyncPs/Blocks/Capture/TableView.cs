using System.Collections;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A table of the caller as a worker sees it: what is read and written is the caller's table itself, but script blocks in it read as their
/// twins, because the caller's own would run in the caller's session.
/// </summary>
/// <param name="table">The caller's table.</param>
/// <param name="twin">Gives the object to read in the place of a value.</param>
[SuppressMessage("Usage", "CA2229:Implement serialization constructors", Justification = "It is a view, and never serialized.")]
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It says what it is.")]
internal sealed class TableView(Hashtable table, Func<object?, object?> twin) : Hashtable, IEnumerable
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
        get => twin(table[key]);
        set => table[key] = value;
    }

    /// <inheritdoc/>
    public override void Add(object key, object? value) => table.Add(key, value);

    /// <inheritdoc/>
    public override void Clear() => table.Clear();

    /// <inheritdoc/>
    public override object Clone() => new TableView((Hashtable)table.Clone(), twin);

    /// <inheritdoc/>
    public override bool Contains(object key) => table.Contains(key);

    /// <inheritdoc/>
    public override bool ContainsKey(object key) => table.ContainsKey(key);

    /// <inheritdoc/>
    public override bool ContainsValue(object? value) => table.ContainsValue(value);

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

    /// <inheritdoc/>
    public override IDictionaryEnumerator GetEnumerator() => new Enumerator(table.GetEnumerator(), twin);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

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
