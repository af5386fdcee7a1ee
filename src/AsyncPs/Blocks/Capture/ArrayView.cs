using System.Collections;

namespace AsyncPs.Blocks.Capture;

/// <summary>
/// A view through which a worker sees an array of the caller. Reads and writes go to the caller's array, but script blocks in it are read
/// as their counterparts, because the caller's own would run in the caller's session.
/// </summary>
/// <param name="array">The caller's array, of one dimension.</param>
/// <param name="twin">Gives the object to read in the place of an element.</param>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It says what it is.")]
internal sealed class ArrayView(Array array, Func<object?, object?> twin) : IList, ICloneable
{
    /// <inheritdoc/>
    public int Count => array.Length;

    /// <summary>The number of elements, as in an array.</summary>
    public int Length => array.Length;

    /// <summary>The number of elements, as in an array.</summary>
    public long LongLength => array.Length;

    /// <inheritdoc/>
    public bool IsFixedSize => true;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public bool IsSynchronized => false;

    /// <inheritdoc/>
    public object SyncRoot => array.SyncRoot;

    /// <inheritdoc/>
    public object? this[int index]
    {
        get => twin(array.GetValue(index));
        set => array.SetValue(value, index);
    }

    /// <inheritdoc/>
    public IEnumerator GetEnumerator()
    {
        foreach (object? element in array)
        {
            yield return twin(element);
        }
    }

    /// <inheritdoc/>
    public int IndexOf(object? value)
    {
        int index = Array.IndexOf(array, value);
        return index >= 0 ? index : Array.IndexOf(Twins(), value);
    }

    /// <inheritdoc/>
    public bool Contains(object? value) => IndexOf(value) >= 0;

    /// <inheritdoc/>
    public void CopyTo(Array array, int index) => Twins().CopyTo(array, index);

    /// <summary>Gets an element.</summary>
    public object? GetValue(int index) => this[index];

    /// <summary>Sets an element.</summary>
    public void SetValue(object? value, int index) => this[index] = value;

    /// <summary>A new array for the worker.</summary>
    public object Clone() => Twins();

    int IList.Add(object? value) => throw FixedSize();

    void IList.Clear() => ((IList)array).Clear();

    void IList.Insert(int index, object? value) => throw FixedSize();

    void IList.Remove(object? value) => throw FixedSize();

    void IList.RemoveAt(int index) => throw FixedSize();

    private object?[] Twins() => [.. array.Cast<object?>().Select(twin)];

    private static NotSupportedException FixedSize() => new("An array has a fixed size. Use += to make another, or a list.");
}
